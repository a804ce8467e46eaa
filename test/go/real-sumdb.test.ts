import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { EnvHttpProxyAgent } from "undici";
import { parseSumdbSpec } from "../../src/gomod/sumdb-spec.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { Problem } from "../../src/kernel/problem.ts";
import { SumdbClient } from "../../src/sumdb/sumdb-client.ts";
import { testSumdbOperations } from "../testkit/sumdb-operations.ts";

const goEnv = (name: string): string => execFileSync("go", ["env", name], { encoding: "utf8" }).trim();

// What the world has in its go.sum files.
const known = [
  {
    module: "golang.org/x/text",
    version: "v0.3.0",
    zip: "h1:g61tztE5qeGQ89tm6NTjjM9VPIm088od1l6aSorWRWg=",
    mod: "h1:NqM8EUOU14njkJ3fqMW+pc6Ldnwhi/IjpwHt7yyuwOQ=",
  },
  {
    module: "golang.org/x/mod",
    version: "v0.42.0",
    zip: "h1:ICeL3t2L30ljSPHHxDnR4fqVcBt/zR2zJAb9juavmQg=",
    mod: "h1:u5fzIrRInkL8MaO1cbRkUHT64v303YIT5KEqpNr7jRs=",
  },
];

test("SumdbClient proves what the real checksum database says, and proves it again without a network", async (t) => {
  const spec = parseSumdbSpec("sum.golang.org") ?? assert.fail();
  const [proxy = ""] = goEnv("GOPROXY").split(/[,|]/);
  if (!/^https?:/.test(proxy)) return t.skip(`go env GOPROXY names no proxy first: ${proxy}`);
  const agent = new EnvHttpProxyAgent();
  const operations = testSumdbOperations(null);
  const asked: string[] = [];
  operations.readRemote = async ({ path, accept }, signal) => {
    asked.push(path);
    const url = `${proxy}/sumdb/${spec.name}/${path}`;
    const init: RequestInit & { dispatcher: unknown } = { signal, dispatcher: agent };
    const answer = await fetch(url, init).catch((error: unknown) => {
      throw new Problem("UPSTREAM_UNREACHABLE", `Cannot fetch ${path}`, { cause: error });
    });
    if (answer.status === 404 || answer.status === 410) throw new Problem("MODULE_ABSENT", await answer.text());
    if (!answer.ok) throw new Problem("UPSTREAM_UNREACHABLE", `${path}: ${answer.status}`);
    const bytes = await answer.bytes();
    accept(bytes);
    return bytes;
  };
  const client = new SumdbClient({
    key: spec.key,
    operations,
    clock: systemClock,
    onFork: (problem) => assert.fail(problem),
  });
  const signal = AbortSignal.timeout(60_000);
  for (const { module, version, zip, mod } of known) {
    const proved = await client.lookup(module, version, signal).catch((error: unknown) => {
      if (error instanceof Problem && error.verdict === "unreachable") return error;
      throw error;
    });
    if (proved instanceof Problem) return t.skip(`the checksum database cannot be reached: ${proved.message}`);
    assert.deepEqual([proved.zip, proved.mod], [zip, mod], module);
    t.diagnostic(`${module}@${version}: record ${proved.record} of ${proved.head.split("\n")[1]}`);
  }
  t.diagnostic(`${asked.length} answers: ${asked.join(" ")}`);
  const unknown = await client.lookup("golang.org/x/text", "v0.999.0", signal).catch((error: unknown) => error);
  assert.ok(unknown instanceof Problem && unknown.code === "SUMDB_UNKNOWN", String(unknown));

  const offline = testSumdbOperations(null, operations);
  const again = new SumdbClient({ key: spec.key, operations: offline, clock: systemClock, onFork: () => {} });
  for (const { module, version, zip } of known) assert.equal((await again.lookup(module, version, signal)).zip, zip);
});
