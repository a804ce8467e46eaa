import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { someExchange } from "../../test/testkit/some-exchange.ts";
import type { Config } from "../config/config.ts";
import { Problem } from "../kernel/problem.ts";
import type { ProblemCode } from "../kernel/problem-codes.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { smokeInProcess } from "./smoke-in-process.ts";

interface Run {
  readonly asked: readonly string[];
  readonly failures: readonly string[];
}

/** Runs the smoke test of a configuration whose chain fails for these paths. */
async function run(changes: object, failing: Readonly<Record<string, ProblemCode>> = {}): Promise<Run> {
  const clock = new FakeClock();
  const store = new MemoryStore(clock);
  for (const version of ["v1.0.0", "v1.1.0", "v1.2.0"]) store.recordSeen("example.com/Upper", version);
  store.recordSeen("golang.org/toolchain", "v0.0.1-go1.26.0.linux-amd64");
  const config = { network: "online", smoke: [], sumdb: null, ...changes } as unknown as Config;
  const asked: string[] = [];
  const ask = (path: string) => {
    asked.push(path);
    const code = failing[path];
    if (code === undefined) return Promise.resolve(someExchange());
    const problem = new Problem(code, "why");
    return Promise.resolve(someExchange({ verdict: problem.verdict, status: problem.status, problem }));
  };
  const failures = await smokeInProcess({ config, store, ask }, clock.now() + 1000);
  return { asked, failures };
}

const files = (module: string, version: string): string[] =>
  ["list", `${version}.info`, `${version}.mod`, `${version}.zip`].map((name) => `/${module}/@v/${name}`);

test("smokeInProcess asks list, .info, .mod and .zip of the cache's newest versions, toolchains apart", async () => {
  const { asked, failures } = await run({});
  assert.deepEqual(asked, [...files("example.com/!upper", "v1.1.0"), ...files("example.com/!upper", "v1.2.0")]);
  assert.deepEqual(failures, []);
});

test("smokeInProcess asks what smoke: names instead, and its checksum where there is a database", async () => {
  const { asked } = await run({ smoke: ["example.com/b@v2.0.0"], sumdb: { name: "sum.example.test" } });
  assert.deepEqual(asked, [...files("example.com/b", "v2.0.0"), "/sumdb/sum.example.test/lookup/example.com/b@v2.0.0"]);
});

test("smokeInProcess names each answer that is not ok", async () => {
  const { failures } = await run(
    { smoke: ["example.com/b@v2.0.0"] },
    { "/example.com/b/@v/list": "MODULE_ABSENT", "/example.com/b/@v/v2.0.0.zip": "UPSTREAM_UNREACHABLE" },
  );
  assert.deepEqual(failures, [
    "/example.com/b/@v/list: absent 404: why",
    "/example.com/b/@v/v2.0.0.zip: unreachable 502: why",
  ]);
});

test("smokeInProcess takes what the operator denies, or the database need not know, for no failure", async () => {
  const lookup = "/sumdb/sum.example.test/lookup/example.com/b@v2.0.0";
  const settings = { smoke: ["example.com/b@v2.0.0"], sumdb: { name: "sum.example.test" } };
  for (const code of ["PRIVATE_NAME", "MODULE_ABSENT"] as const)
    assert.deepEqual((await run(settings, { [lookup]: code })).failures, [], code);
  assert.deepEqual((await run(settings, { "/example.com/b/@v/list": "DENIED_BY_RULE" })).failures, []);
  assert.equal((await run(settings, { [lookup]: "UPSTREAM_UNREACHABLE" })).failures.length, 1);
});

test("smokeInProcess asks nobody offline", async () => {
  assert.deepEqual(await run({ network: "offline" }), { asked: [], failures: [] });
});
