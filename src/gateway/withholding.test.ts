import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../kernel/problem.ts";
import type { Held, Hold } from "../ports/hold.ts";
import { gatewayBench } from "../../test/testkit/gateway-bench.ts";
import { moduleTree, type ModuleSource } from "../../test/testkit/module-tree.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";

const path = "example.com/w";
const goMod = (...retracts: string[]): string =>
  [`module ${path}`, "", ...retracts.map((one) => `retract ${one}`), ""].join("\n");
const source = (version: string, more: Partial<ModuleSource> = {}): ModuleSource => ({ path, version, ...more });

/** Holds exactly these versions. */
function holding(versions: readonly string[], more: Partial<Held> = {}): Hold {
  return {
    concerns: ({ module }) => module === path,
    among: (_, asked) =>
      Promise.resolve(
        new Map(
          asked
            .filter((version) => versions.includes(version))
            .map((version) => {
              const problem = new Problem("VERSION_RECALLED", `${version} is held`);
              return [version, { problem, retracts: true, isUnlisted: false, ...more }] as const;
            }),
        ),
      ),
  };
}

async function bench(sources: readonly ModuleSource[], holds: readonly Hold[]) {
  const upstream = await UpstreamServer.start({ tree: await moduleTree(sources) });
  const gateway = await gatewayBench({ upstream: upstream.url }, { holds });
  const get = async (file: string): Promise<string> => {
    const { status, body } = await gateway.get(`/${path}/${file}`);
    return `${status} ${file.includes("list") || status !== 200 ? body : (JSON.parse(body) as { Version: string }).Version}`;
  };
  return {
    gateway,
    upstream,
    get,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

test("a held version is missing on list, @latest and queries alike, and its files say why", async () => {
  const refs = ["main", "v1", "v1.2"];
  const versions = ["v1.0.0", "v1.1.0", "v1.2.0-rc.1"].map((version) => source(version));
  await using desk = await bench([...versions, source("v1.2.0", { refs })], [holding(["v1.2.0"])]);
  const { get } = desk;
  assert.equal(await get("@v/list"), "200 v1.2.0-rc.1\nv1.0.0\nv1.1.0\n");
  assert.equal(await get("@latest"), "200 v1.1.0");
  assert.equal(await get("@v/v1.info"), "200 v1.1.0");
  assert.equal(await get("@v/v1.2.info"), "200 v1.2.0-rc.1");
  // A branch means one version and no other.
  for (const file of ["main.info", "v1.2.0.info", "v1.2.0.mod", "v1.2.0.zip"])
    assert.equal(await get(`@v/${file}`), "403 v1.2.0 is held", file);
  const { artifact } = await desk.gateway.get(`/${path}/@latest`);
  assert.doesNotMatch(artifact?.cacheControl ?? "", /immutable/, "what @latest means changes");
});

test("what a held release retracts is left out too, unless the release is not believed", async () => {
  const sources = [
    source("v1.0.0"),
    source("v1.1.0"),
    source("v1.2.0"),
    source("v1.3.0", { goMod: goMod("[v1.1.0, v1.2.0]") }),
  ];
  {
    await using desk = await bench(sources, [holding(["v1.3.0"])]);
    assert.equal(await desk.get("@v/list"), "200 v1.0.0\n");
    assert.equal(await desk.get("@latest"), "200 v1.0.0");
    const named = await desk.gateway.get(`/${path}/@v/v1.1.0.mod`);
    assert.equal(named.status, 200, "who has named it keeps getting it");
  }
  await using desk = await bench(sources, [holding(["v1.3.0"]), holding(["v1.3.0"], { retracts: false })]);
  assert.equal(await desk.get("@v/list"), "200 v1.0.0\nv1.1.0\nv1.2.0\n");
});

test("where a held release retracts all others, the query says so", async () => {
  const sources = [source("v1.0.0"), source("v1.1.0", { goMod: goMod("[v1.0.0, v1.1.0]") })];
  await using desk = await bench(sources, [holding(["v1.1.0"])]);
  assert.equal(await desk.get("@v/list"), "200 ");
  assert.equal(await desk.get("@latest"), "403 v1.1.0 is held");
});

test("a module without tags falls back to the newest version that was fetched before", async () => {
  const old = "v0.0.0-20240101000000-aaaaaaaaaaaa";
  const held = "v0.0.0-20240201000000-bbbbbbbbbbbb";
  await using desk = await bench([source(old), source(held)], [holding([held])]);
  assert.equal(await desk.get("@latest"), `403 ${held} is held`);
  assert.equal(await desk.get(`@v/${old}.info`), `200 ${old}`);
  await desk.gateway.idle();
  assert.equal(await desk.get("@latest"), `200 ${old}`);
});

test("a version that is only off the lists keeps its files", async () => {
  await using desk = await bench([source("v1.0.0"), source("v1.1.0")], [holding(["v1.1.0"], { isUnlisted: true })]);
  assert.equal(await desk.get("@v/list"), "200 v1.0.0\n");
  assert.equal(await desk.get("@v/v1.1.0.info"), "200 v1.1.0");
});

test("a list of a module that no hold concerns is passed on as it is", async () => {
  const other: Hold = { concerns: () => false, among: () => Promise.reject(new TypeError("nobody asks")) };
  await using desk = await bench([source("v1.0.0")], [other]);
  desk.upstream.fail({ match: "*/@v/list", fault: { kind: "body", body: "v1.0.0 2024-01-01T00:00:00Z\nnonsense\n" } });
  assert.equal(await desk.get("@v/list"), "200 v1.0.0 2024-01-01T00:00:00Z\nnonsense\n");
});
