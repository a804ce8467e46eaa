import assert from "node:assert/strict";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { systemClock } from "../../src/kernel/clock.ts";
import { seededRandom, type Random } from "../../src/kernel/random.ts";
import { openFileStore } from "../../src/store/file-store.ts";
import { nodeDisk } from "../../src/store/node-disk.ts";
import { headRegister } from "../../src/store/open-trust.ts";
import { sumdbFiles } from "../../src/store/sumdb-files.ts";
import { trustedHeadOf } from "../../src/sumdb/kept-database.ts";
import { noteVerifier } from "../../src/sumdb/signed-note.ts";
import { verifyKept } from "../../src/sumdb/verify-kept.ts";
import { generateGraph } from "../testkit/generate-graph.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import type { ModuleTree } from "../testkit/module-tree.ts";
import { testSumdb, type TestSumdb } from "../testkit/sumdb-server.ts";
import { tamperedTree } from "../testkit/tampered-tree.ts";
import { tempDir } from "../testkit/temp-dir.ts";
import { runsOf, testSeed } from "../testkit/test-seed.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

// Six times 50 in the deep mode, each within the time that a test has.
const rounds = runsOf({ usual: 1, deep: 6 });
const kills = runsOf({ usual: 10, deep: 50 });
const modules = 40;
const clients = 10;
// One data folder lives through so many kills.
const killsAFolder = 10;

/** What stays the same over all kills. */
interface Scene {
  readonly honest: ModuleTree;
  /** Versions whose zip the upstream has tampered with. */
  readonly tampered: ReadonlySet<string>;
  readonly sumdb: TestSumdb;
  readonly options: { readonly upstream: string; readonly sumdb: string };
  readonly paths: readonly string[];
  readonly random: Random;
  readonly counts: Record<"answered" | "refused" | "visible" | "served" | "whole" | "kept" | "unproved", number>;
}

for (let round = 1; round <= rounds; round++) {
  test(`kill -9 at ${kills} random points of publishing, with a checksum database: nothing unproved is kept or served (${round}/${rounds})`, async (t) => {
    await killOften(t, testSeed(t) + round);
  });
}

async function killOften(t: TestContext, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const { tree: honest } = await generateGraph({ modules, seed, zipBytes: 30_000 });
  const isTampered = honest.versions.map(() => random() < 0.25);
  const sumdb = testSumdb(honest, { padTo: 343 });
  await using upstream = await UpstreamServer.start({
    tree: await tamperedTree(honest, (index) => isTampered[index] === true),
  });
  // In pieces, so that many files are half written at any moment.
  upstream.fail({ match: "*.zip", fault: { kind: "drip", chunkBytes: 10_000, everyMs: 2 } });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  const files = honest.versions.flatMap(({ path }) => ["info", "mod", "zip"].map((end) => `/${path}/@v/v1.0.0.${end}`));
  const lookups = honest.versions.map(({ path }) => `/sumdb/${sumdb.name}/lookup/${path}@v1.0.0`);
  const scene: Scene = {
    honest,
    tampered: new Set(
      honest.versions.filter((_, index) => isTampered[index]).map(({ path }) => `/${path}/@v/v1.0.0.zip`),
    ),
    sumdb,
    options: { upstream: upstream.url, sumdb: `${sumdb.key} ${database.url}` },
    paths: [...files, ...lookups],
    random,
    counts: { answered: 0, refused: 0, visible: 0, served: 0, whole: 0, kept: 0, unproved: 0 },
  };
  for (let kill = 0; kill < kills;) {
    await using folder = await tempDir("crash-proved");
    for (let life = 0; life < killsAFolder && kill < kills; life++, kill++) {
      await oneLife(scene, folder.path);
      await checkDisk(scene, folder.path);
      await forgetSome(scene, folder.path);
      sumdb.growTo(sumdb.size + Math.floor(random() * 40));
    }
    // The last one ends as it should, and has everything but what was tampered with.
    await using modgate = await ModgateProcess.start({ ...scene.options, data: folder.path });
    for (const path of scene.paths) checkAnswer(scene, path, await httpGet(modgate.url, path));
    assert.equal(await modgate.stop(), 0, modgate.stderr);
    const visible = await checkDisk(scene, folder.path);
    assert.equal(visible, files.length - scene.tampered.size);
  }
  t.diagnostic(
    `${kills} kills from seed ${seed}, ${scene.tampered.size} of ${modules} zips tampered: ${JSON.stringify(scene.counts)}`,
  );
  assert.ok(scene.counts.visible > 0 && scene.counts.answered > 0);
}

/** Starts the gateway over what a kill has left, looks at what it serves of that, asks for everything and kills it. */
async function oneLife(scene: Scene, data: string): Promise<void> {
  const { paths, random, counts } = scene;
  await using modgate = await ModgateProcess.start({ ...scene.options, data });
  for (const path of paths) {
    const { status, body } = await httpGet(modgate.url, `/cached-only${path}`);
    if (status === 200) {
      counts.served++;
      assertRight(scene, path, body);
    }
  }
  const asks = shuffled(paths, random);
  const killAfter = Math.floor(random() * asks.length * 0.9);
  const turns = Math.floor(random() * 30);
  let isDead = false;
  let answers = 0;
  const client = async (): Promise<void> => {
    for (let path = asks.pop(); path !== undefined && !isDead; path = asks.pop()) {
      const answer = await httpGet(modgate.url, path).catch(() => null);
      // Whoever was killed in the middle of an answer may be seen as any failure; a whole answer must be right.
      if (answer !== null) checkAnswer(scene, path, answer);
      answers++;
      if (answers < killAfter || isDead) continue;
      isDead = true;
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => void setImmediate(resolve));
      await modgate.kill9();
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  if (modgate.running) await modgate.kill9();
}

function checkAnswer(
  scene: Scene,
  path: string,
  { status, body }: { readonly status: number; readonly body: Buffer },
): void {
  const { tampered, counts } = scene;
  if (tampered.has(path)) {
    assert.notEqual(status, 200, path);
    counts.refused++;
    return;
  }
  assert.equal(status, 200, `${path}: ${body.toString()}`);
  counts.answered++;
  assertRight(scene, path, body);
}

/** What is served or lies in the cache is the honest tree's file, or what the database says. */
function assertRight({ honest, tampered, sumdb }: Scene, path: string, body: Buffer): void {
  assert.ok(!tampered.has(path), `${path} was tampered with`);
  const prefix = `/sumdb/${sumdb.name}`;
  if (!path.startsWith(prefix)) return assert.deepEqual(body, honest.answer(path)?.body, path);
  const right = sumdb.atRoot.answer(path.slice(prefix.length))?.body;
  // The head of a lookup is the one of its time; the record never changes.
  const recordOf = (bytes: Buffer | undefined): string | undefined => bytes?.toString().split("\n\n")[0];
  if (path.includes("/lookup/")) assert.equal(recordOf(body), recordOf(right), path);
  else assert.deepEqual(body, right, path);
}

/** Everything that the disk shows is right and proved; gives the number of files of versions. */
async function checkDisk(scene: Scene, data: string): Promise<number> {
  const { honest, counts, sumdb } = scene;
  const cache = join(data, "cache");
  const entries = await readdir(cache, { recursive: true, withFileTypes: true }).catch(() => []);
  const seen = new Set<string>();
  for (const entry of entries.filter((file) => file.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(cache.length);
    assertRight(scene, path, await readFile(file));
    if (!path.startsWith("/sumdb/")) seen.add(path);
  }
  counts.visible += seen.size;
  const isWhole = ({ path }: { readonly path: string }): boolean =>
    ["info", "mod", "zip"].every((end) => seen.has(`/${path}/@v/v1.0.0.${end}`));
  counts.whole += honest.versions.filter(isWhole).length;

  // What is kept of the database follows from the head that is trusted, or lacks what would prove it; nothing is wrong.
  await using store = Object.assign(
    await openFileStore({
      data,
      disk: nodeDisk,
      clock: systemClock,
      memoryBytes: 0,
      maxBytes: null,
      upkeep: "none",
      onTrouble: (problem) => assert.fail(problem),
    }),
    { [Symbol.asyncDispose]: () => store.close() },
  );
  const kept = {
    verifier: noteVerifier(sumdb.key),
    trust: headRegister(store.parts, sumdb.name),
    answers: (signal: AbortSignal) => sumdbFiles(store.parts, sumdb.name, signal),
    read: (key: string) => readFile(join(cache, key)).catch(() => null),
    remove: () => assert.fail("nothing is removed"),
  };
  const report = await verifyKept(kept, await trustedHeadOf(kept), { signal: new AbortController().signal });
  assert.deepEqual(
    report.findings.filter(({ kind }) => kind === "wrong"),
    [],
  );
  counts.kept += report.lookups + report.tiles;
  counts.unproved += report.findings.length;
  return seen.size;
}

/** As eviction does: some versions go, and now and then what is kept of the database. */
async function forgetSome({ honest, random, sumdb }: Scene, data: string): Promise<void> {
  const cache = join(data, "cache");
  for (const { path } of honest.versions) {
    if (random() < 0.6) await rm(join(cache, path), { recursive: true, force: true });
  }
  if (random() < 0.3) await rm(join(cache, "sumdb", sumdb.name), { recursive: true, force: true });
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [result[index], result[other]] = [result[other] as T, result[index] as T];
  }
  return result;
}
