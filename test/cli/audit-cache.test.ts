import assert from "node:assert/strict";
import { chmod, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../../src/kernel/random.ts";
import { deadPort } from "../testkit/dead-port.ts";
import { generateGraph, type GeneratedGraph } from "../testkit/generate-graph.ts";
import { goCommand, type GoCommand } from "../testkit/go-command.ts";
import { checkGolden } from "../testkit/golden.ts";
import { moduleTree, type ModuleVersion } from "../testkit/module-tree.ts";
import { placeIn, plantedFaults } from "../testkit/planted-faults.ts";
import { binFolder, transcript } from "../testkit/run-cli.ts";
import { testSumdb } from "../testkit/sumdb-server.ts";
import { tamperedTree } from "../testkit/tampered-tree.ts";
import { runsOf, testSeed } from "../testkit/test-seed.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

interface Report {
  readonly versions: number;
  readonly database: { readonly asked: number; readonly known: number };
  readonly findings: readonly { readonly code: string; readonly module: string; readonly message: string }[];
  readonly planned: readonly { readonly module: string; readonly paths: readonly string[] }[] | null;
  readonly repaired:
    | readonly { readonly module: string; readonly left: readonly unknown[]; readonly reason: string }[]
    | null;
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
  const each = runsOf({ usual: 4, deep: 20 });
  const random = seededRandom(testSeed(t));
  await using place = await desk(Math.max(220, plantedFaults.length * each + 40));
  const { graph, go, cwd } = place;
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
  const before = await marksOf(go.modCache, untouched);

  const found = await place.audit(["--dry-run"]);
  assert.equal(found.exitCode, 1);
  assert.equal(found.report.database.known, graph.tree.versions.length);
  const got = new Map(found.report.findings.map(({ module, code }) => [module, code]));
  for (const [module, { code, name }] of planted) assert.equal(got.get(module), code, `${module}: ${name}`);
  assert.equal(found.report.findings.length, planted.size, "none invented, none twice");
  assert.deepEqual(new Set(found.report.planned?.map(({ module }) => module)), new Set(planted.keys()));
  const repaired = await place.audit(["--repair"]);
  assert.equal(repaired.exitCode, 0);
  assert.equal(repaired.report.repaired?.length, planted.size);
  assert.deepEqual(
    repaired.report.repaired?.filter(({ left }) => left.length > 0),
    [],
  );
  assert.deepEqual(await marksOf(go.modCache, untouched), before, "everything else stays");
  const after = await place.audit();
  assert.deepEqual([after.exitCode, after.report.findings], [0, []]);
  const verified = await go.run(["mod", "verify"], { cwd });
  assert.equal(verified.stdout.trim(), "all modules verified", verified.stderr);
  if (runsOf({ usual: 0, deep: 1 }) > 0) {
    const built = await go.run(["build", "./..."], { cwd });
    assert.equal(built.exitCode, 0, built.stderr);
  }
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

test("audit-cache --repair mends a tree, a .ziphash and nothing else where nobody can be reached", async () => {
  await using place = await desk(4);
  const { graph, go } = place;
  const [edited, forged, untold] = graph.tree.versions.map((version) => placeIn(go.modCache, version));
  assert.ok(edited && forged && untold);
  await chmod(edited.folder, 0o755);
  await writeFile(join(edited.folder, "zz.go"), "package evil\n");
  await writeFile(forged.file("ziphash"), "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
  const { ino } = await stat(edited.file("zip"));
  const repaired = await place.audit(["--repair"], { GOPROXY: "off" });
  assert.deepEqual([repaired.exitCode, repaired.report.repaired?.map(({ left }) => left.length)], [0, [0, 0]]);
  assert.equal((await stat(edited.file("zip"))).ino, ino, "a zip that is proved is unpacked anew, and stays");
  await assert.rejects(stat(join(edited.folder, "zz.go")), { code: "ENOENT" });

  await writeFile(untold.file("mod"), "<html>log in</html>");
  const kept = await place.audit(["--repair"], { GOPROXY: "off" });
  assert.equal(kept.exitCode, 1);
  assert.match(kept.report.repaired?.[0]?.reason ?? "", /GOPROXY=off/);
});

test("audit-cache looks behind a link, and sees a damaged .ziphash", async () => {
  await using place = await desk(4);
  const { graph, go } = place;
  const [linked, empty, missing] = graph.tree.versions.map((version) => placeIn(go.modCache, version));
  assert.ok(linked && empty && missing);
  await rename(linked.folder, join(go.modCache, "elsewhere"));
  await symlink(join(go.modCache, "elsewhere"), linked.folder);
  await chmod(linked.folder, 0o755);
  await writeFile(join(linked.folder, "zz.go"), "package evil\n");
  await writeFile(empty.file("ziphash"), "");
  await rm(missing.file("ziphash"));
  const { report } = await place.audit(["--repair"]);
  assert.deepEqual(
    report.findings.map(({ code, module }) => [code, module]),
    [
      ["MG1204", "gen.example/m0"],
      ["MG1206", "gen.example/m1"],
      ["MG1206", "gen.example/m2"],
    ],
  );
  assert.deepEqual((await place.audit()).report.findings, []);
  assert.ok((await stat(join(go.modCache, "elsewhere", "zz.go"))).isFile(), "the link goes, not what it leads to");
});

test("audit-cache says once that the database cannot be asked or believed, and goes on with go.sum", async () => {
  await using place = await desk(4);
  const { graph, go } = place;
  const { key } = testSumdb(graph.tree);
  const dead = `http://127.0.0.1:${await deadPort()}`;
  await using page = await UpstreamServer.start({
    responders: [{ answer: () => ({ body: Buffer.from("<html>log in</html>"), contentType: "text/html" }) }],
  });
  const broken = placeIn(go.modCache, graph.tree.get("gen.example/m1", "v1.0.0"));
  await rm(broken.file("zip"));
  await chmod(broken.folder, 0o755);
  await writeFile(join(broken.folder, "zz.go"), "package evil\n");
  for (const url of [dead, page.url]) {
    const { exitCode, report } = await place.audit([], { GOSUMDB: `${key} ${url}` });
    assert.deepEqual([exitCode, report.findings.map(({ code }) => code)], [1, ["MG1203", "MG1211"]]);
    assert.match(report.findings[1]?.message ?? "", /could not be asked about 4 versions: /);
  }
  const strict = await place.audit(["--strict"], { GOPRIVATE: "gen.example", GOSUMDB: "off" });
  assert.equal(strict.exitCode, 1);
});

test("audit-cache prints what is wrong, how it came about and what mends it", async () => {
  await using place = await desk(plantedFaults.length + 2);
  const { graph, go, cwd } = place;
  const evil = await tamperedTree(graph.tree, () => true);
  for (const [index, { plant }] of plantedFaults.entries()) {
    const version = graph.tree.versions[index] ?? assert.fail();
    await plant(placeIn(go.modCache, version), version, evil.get(version.path, version.version));
  }
  let page = "";
  const runs: readonly (readonly [readonly string[], Record<string, string>])[] = [
    [[], {}],
    [["--dry-run"], { GOSUMDB: "off" }],
    [["--repair"], {}],
    [[], { GOPRIVATE: "gen.example/m1*", GOFLAGS: "-modfile=none.mod" }],
  ];
  for (const [args, env] of runs) {
    const all = ["audit-cache", ...args];
    const { exitCode, stdout, stderr } = await go.exec(join(binFolder, "modgate"), all, { cwd, env });
    const typed = Object.entries(env).map(([name, value]) => `${name}='${value}' `);
    page += `${typed.join("")}${transcript({ args: all, exitCode, stdout, stderr }, { GOMODCACHE: go.modCache })}\n`;
  }
  await checkGolden("cli/audit-cache.txt", page.replace(/ in (?:\{MS\} ms|[0-9.]+ s)$/gm, " in {TIME}"));
});

/** Inode and times of every file of these versions: whoever writes or replaces one changes that. */
async function marksOf(modCache: string, versions: readonly ModuleVersion[]): Promise<string[]> {
  const marks: string[] = [];
  for (const version of versions) {
    const place = placeIn(modCache, version);
    const { folder } = place;
    const unpacked = (await readdir(folder, { recursive: true })).map((name) => join(folder, name));
    const files = (["info", "mod", "zip", "ziphash"] as const).map((kind) => place.file(kind));
    for (const path of [...files, ...unpacked]) {
      const { ino, mtimeMs, ctimeMs } = await stat(path);
      marks.push(`${path} ${ino} ${mtimeMs} ${ctimeMs}`);
    }
  }
  return marks;
}
