import assert from "node:assert/strict";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../../src/kernel/random.ts";
import { generateGraph, type GeneratedGraph } from "../testkit/generate-graph.ts";
import { type GoCommand, goCommand, type GoResult } from "../testkit/go-command.ts";
import type { ModuleTree, ModuleVersion } from "../testkit/module-tree.ts";
import { binFolder } from "../testkit/run-cli.ts";
import { type CacheFault, cacheFaults, cachePlace } from "../testkit/spoil-cache.ts";
import { testSumdb, type TestSumdb } from "../testkit/sumdb-server.ts";
import { tempDir } from "../testkit/temp-dir.ts";
import { runsOf, testSeed } from "../testkit/test-seed.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

interface Report {
  readonly versions: number;
  readonly zips: number;
  readonly compared: Readonly<Record<string, number>>;
  readonly findings: readonly { readonly code: string; readonly module: string; readonly message: string }[];
  readonly planned: readonly { readonly module: string; readonly paths: readonly string[] }[] | null;
  readonly repaired:
    | readonly { readonly module: string; readonly removed: readonly string[]; readonly left: readonly unknown[] }[]
    | null;
}

/** A module cache that the real go has filled from a file tree, with a checksum database that knows all of it. */
interface World extends AsyncDisposable {
  readonly go: GoCommand;
  readonly graph: GeneratedGraph;
  readonly sumdb: TestSumdb;
  readonly database: UpstreamServer;
  readonly project: string;
  audit(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<GoResult>;
  report(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<{ exitCode: number | null; data: Report }>;
}

async function world(modules: number, seed: number): Promise<World> {
  const stack = new AsyncDisposableStack();
  const graph = await generateGraph({ modules, seed });
  const sumdb = testSumdb(graph.tree);
  const database = stack.use(await UpstreamServer.start({ responders: [sumdb.atRoot] }));
  const site = stack.use(await tempDir("site"));
  await writeSite(site.path, graph.tree);
  const go = stack.use(await goCommand({ GOPROXY: `file://${site.path}`, GOSUMDB: `${sumdb.key} ${database.url}` }));
  const project = await go.project(graph.main);
  const filled = await go.run(["mod", "download"], { cwd: project });
  assert.equal(filled.exitCode, 0, filled.stderr);
  database.reset();
  const audit: World["audit"] = (args, env = {}) =>
    go.exec(join(binFolder, "modgate"), ["audit-cache", ...args], { cwd: project, env });
  return {
    go,
    graph,
    sumdb,
    database,
    project,
    audit,
    async report(args, env) {
      const { exitCode, stdout, stderr } = await audit(["--json", ...args], env);
      assert.equal(stderr, "");
      return { exitCode, data: (JSON.parse(stdout) as { data: Report }).data };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test("modgate audit-cache finds every planted fault of a module cache, invents none and mends all", async (t) => {
  const seed = testSeed(t);
  const random = seededRandom(seed);
  const kinds = Object.keys(cacheFaults) as CacheFault[];
  const each = runsOf({ usual: 3, deep: 20 });
  await using place = await world(Math.max(220, kinds.length * each + 30), seed);
  const { go, graph, project } = place;
  const shuffled = graph.tree.versions
    .map((version) => ({ version, at: random() }))
    .sort((left, right) => left.at - right.at)
    .map(({ version }) => version);
  const planted = new Map<string, { readonly version: ModuleVersion; readonly kind: CacheFault }>();
  for (const kind of kinds) {
    for (let count = 0; count < each; count++) {
      const version = shuffled[planted.size];
      assert.ok(version);
      await cacheFaults[kind].spoil(cachePlace(go.modCache, version));
      planted.set(version.path, { version, kind });
    }
  }
  const sound = shuffled.slice(planted.size);
  const before = await marksOf(go.modCache, sound);
  const wanted = [...planted].map(([module, { kind }]) => `${cacheFaults[kind].code} ${module}`).sort();

  const trial = await place.report(["--dry-run"]);
  const found = trial.data.findings.map(({ code, module }) => `${code} ${module}`);
  assert.deepEqual([...found].sort(), wanted);
  assert.deepEqual(
    found.map((line) => line.slice(0, 6)),
    found.map((line) => line.slice(0, 6)).sort(),
    "the worst first",
  );
  assert.deepEqual([trial.exitCode, trial.data.versions, trial.data.repaired], [1, shuffled.length, null]);
  assert.deepEqual(trial.data.planned?.map(({ module }) => module).sort(), [...planted.keys()].sort());
  assert.deepEqual(trial.data.compared, { database: shuffled.length, goSum: 0, nothing: 0 });

  const mended = await place.report(["--repair"]);
  assert.equal(mended.exitCode, 1);
  assert.deepEqual(mended.data.repaired?.map(({ module }) => module).sort(), [...planted.keys()].sort());
  assert.deepEqual(
    mended.data.repaired?.filter(({ left }) => left.length > 0),
    [],
  );
  assert.deepEqual(await marksOf(go.modCache, sound), before, "what was sound is as it was");

  const again = await place.report([]);
  assert.deepEqual([again.exitCode, again.data.findings, again.data.zips], [0, [], shuffled.length]);
  const verified = await go.run(["mod", "verify"], { cwd: project });
  assert.equal(verified.stdout, "all modules verified\n", verified.stderr);
  t.diagnostic(`${planted.size} faults of ${kinds.length} kinds in ${shuffled.length} modules`);
});

/** Inode and time of every file of these versions: whoever writes or replaces one changes that. */
async function marksOf(modCache: string, versions: readonly ModuleVersion[]): Promise<string[]> {
  const marks: string[] = [];
  for (const version of versions) {
    const { file, folder } = cachePlace(modCache, version);
    const unpacked = (await readdir(folder, { recursive: true })).map((name) => join(folder, name));
    for (const path of [...["info", "mod", "zip", "ziphash"].map(file), ...unpacked]) {
      const { ino, mtimeMs, ctimeMs } = await stat(path);
      marks.push(`${path} ${ino} ${mtimeMs} ${ctimeMs}`);
    }
  }
  return marks;
}

async function writeSite(folder: string, tree: ModuleTree): Promise<void> {
  for (const { path, version, info, mod, zip } of tree.versions) {
    const place = join(folder, path, "@v");
    await mkdir(place, { recursive: true });
    await writeFile(join(place, `${version}.info`), info);
    await writeFile(join(place, `${version}.mod`), mod);
    await writeFile(join(place, `${version}.zip`), zip);
  }
}
