import assert from "node:assert/strict";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../../src/kernel/random.ts";
import { generateGraph, type GeneratedGraph } from "../testkit/generate-graph.ts";
import { goCommand, type GoCommand } from "../testkit/go-command.ts";
import { moduleTree } from "../testkit/module-tree.ts";
import { placeIn, plantedFaults } from "../testkit/planted-faults.ts";
import { binFolder } from "../testkit/run-cli.ts";
import { testSumdb } from "../testkit/sumdb-server.ts";
import { tamperedTree } from "../testkit/tampered-tree.ts";
import { testSeed } from "../testkit/test-seed.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

interface Report {
  readonly versions: number;
  readonly database: { readonly asked: number; readonly known: number };
  readonly findings: readonly { readonly code: string; readonly module: string; readonly message: string }[];
  readonly planned: readonly { readonly module: string; readonly remove: readonly string[] }[] | null;
  readonly repaired: readonly { readonly module: string; readonly left: readonly unknown[] }[] | null;
}

interface Desk extends AsyncDisposable {
  readonly graph: GeneratedGraph;
  readonly go: GoCommand;
  readonly upstream: UpstreamServer;
  readonly cwd: string;
  audit(args?: readonly string[], env?: Record<string, string>): Promise<{ exitCode: number | null; report: Report }>;
}

/** A module cache that the real `go` has filled, read-only as it makes it, and a project that uses all of it. */
async function desk(modules: number): Promise<Desk> {
  const stack = new AsyncDisposableStack();
  const graph = await generateGraph({ modules, seed: 22 });
  const sumdb = testSumdb(graph.tree, { padTo: 400 });
  const upstream = stack.use(await UpstreamServer.start({ tree: graph.tree }));
  const database = stack.use(await UpstreamServer.start({ responders: [sumdb.atRoot] }));
  const env = { GOPROXY: upstream.url, GOSUMDB: `${sumdb.key} ${database.url}`, GOFLAGS: "" };
  const go = stack.use(await goCommand(env));
  // What go has made read-only cannot be removed with the rest.
  stack.defer(async () => void (await go.run(["clean", "-modcache"])));
  const cwd = await go.project({ goMod: graph.main.goMod, goSum: graph.main.goSum, files: graph.main.files });
  const filled = await go.run(["mod", "download"], { cwd });
  assert.equal(filled.exitCode, 0, filled.stderr);
  return {
    graph,
    go,
    upstream,
    cwd,
    async audit(args = [], more = {}) {
      const all = ["audit-cache", "--json", ...args];
      const { exitCode, stdout, stderr } = await go.exec(join(binFolder, "modgate"), all, { cwd, env: more });
      const parsed = JSON.parse(stdout || "{}") as { data?: Report };
      assert.ok(parsed.data, `${stdout}${stderr}`);
      return { exitCode, report: parsed.data };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test("audit-cache finds every planted fault and no other, repairs exactly those, and go verifies the rest", async (t) => {
  const each = 20;
  const random = seededRandom(testSeed(t));
  await using place = await desk(plantedFaults.length * each + 40);
  const { graph, go, cwd } = place;
  const sound = await place.audit();
  assert.deepEqual([sound.exitCode, sound.report.findings], [0, []]);
  assert.equal(sound.report.database.known, graph.tree.versions.length);

  const evil = await tamperedTree(graph.tree, () => true);
  const order = graph.tree.versions.map((_, index) => index);
  for (let end = order.length - 1; end > 0; end--) {
    const other = Math.floor(random() * (end + 1));
    [order[end], order[other]] = [order[other] ?? 0, order[end] ?? 0];
  }
  const planted = new Map<string, { readonly code: string; readonly name: string }>();
  for (const { name, code, plant } of plantedFaults) {
    for (let count = 0; count < each; count++) {
      const version = graph.tree.versions[order.pop() ?? 0] ?? assert.fail();
      await plant(placeIn(go.modCache, version), version, evil.get(version.path, version.version));
      planted.set(version.path, { code, name });
    }
  }
  const untouched = graph.tree.versions.filter(({ path }) => !planted.has(path));
  const timesOf = (): Promise<number[]> =>
    Promise.all(untouched.map(async (one) => (await stat(placeIn(go.modCache, one).file("zip"))).ctimeMs));
  const before = await timesOf();

  const found = await place.audit(["--dry-run"]);
  assert.equal(found.exitCode, 1);
  const got = new Map(found.report.findings.map(({ module, code }) => [module, code]));
  for (const [module, { code, name }] of planted) assert.equal(got.get(module), code, `${module}: ${name}`);
  assert.equal(found.report.findings.length, planted.size, "none invented, none twice");
  assert.deepEqual(new Set(found.report.planned?.map(({ module }) => module)), new Set(planted.keys()));
  assert.deepEqual((await place.audit()).report.findings, found.report.findings, "a dry run changes nothing");

  const repaired = await place.audit(["--repair"]);
  assert.equal(repaired.exitCode, 0);
  assert.equal(repaired.report.repaired?.length, planted.size);
  assert.deepEqual(
    repaired.report.repaired?.filter(({ left }) => left.length > 0),
    [],
  );
  assert.deepEqual(await timesOf(), before, "everything else stays");
  const after = await place.audit();
  assert.deepEqual([after.exitCode, after.report.findings], [0, []]);
  const verified = await go.run(["mod", "verify"], { cwd });
  assert.equal(verified.stdout.trim(), "all modules verified", verified.stderr);
  const built = await go.run(["build", "./..."], { cwd });
  assert.equal(built.exitCode, 0, built.stderr);
  t.diagnostic(`${planted.size} faults in ${graph.tree.versions.length} modules`);
});

test("audit-cache --repair keeps nothing that comes as wrong as it was, and says what go said", async () => {
  await using place = await desk(6);
  const { graph, go, upstream } = place;
  const evil = await tamperedTree(graph.tree, (index) => index === 2);
  const version = graph.tree.versions[2] ?? assert.fail();
  await writeFile(placeIn(go.modCache, version).file("zip"), evil.get(version.path, version.version).zip);
  upstream.tree = evil;
  const { exitCode, report } = await place.audit(["--repair"]);
  assert.equal(exitCode, 1);
  assert.deepEqual(
    report.repaired?.map(({ module, left }) => [module, left.length > 0]),
    [[version.path, true]],
  );
  await assert.rejects(stat(placeIn(go.modCache, version).file("zip")), { code: "ENOENT" });
  await assert.rejects(stat(placeIn(go.modCache, version).folder), { code: "ENOENT" });
});

test("audit-cache works without a database, keeps private names to itself, and reads the go.sum files it is given", async () => {
  await using place = await desk(4);
  const { graph, go, cwd } = place;
  const off = await place.audit([], { GOSUMDB: "off" });
  assert.deepEqual([off.exitCode, off.report.findings, off.report.database.asked], [0, [], 0]);
  const hidden = await place.audit([], { GOPRIVATE: "gen.example/*" });
  assert.equal(hidden.report.database.asked, 0);

  await rm(join(cwd, "go.sum"));
  const bare = await place.audit([], { GOSUMDB: "off" });
  assert.deepEqual([bare.exitCode, bare.report.findings.map(({ code }) => code)], [0, Array(4).fill("MG1212")]);
  const other = await moduleTree([{ path: "gen.example/m0", version: "v1.0.0", files: { "x.go": "package x\n" } }]);
  await writeFile(join(cwd, "wrong.sum"), other.goSum());
  const wrong = await place.audit(["wrong.sum"]);
  assert.equal(wrong.exitCode, 1);
  // The database decides who is wrong: the go.sum, and not the cache.
  assert.deepEqual(
    wrong.report.findings.map(({ code }) => code),
    ["MG1209", "MG1209"],
  );
  const { stderr, exitCode } = await go.exec(
    join(binFolder, "modgate"),
    ["audit-cache", "--modcache", "/nowhere/at/all"],
    {
      cwd,
    },
  );
  assert.equal(exitCode, 2);
  assert.match(stderr, /Cannot read the module cache/);
  assert.equal(await readFile(join(cwd, "go.mod"), "utf8"), graph.main.goMod, "the user's module is not touched");
});
