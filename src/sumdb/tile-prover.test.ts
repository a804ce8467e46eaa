import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { flipBit } from "../../test/testkit/flip-bit.ts";
import { fillerSumdb, forkedSumdb, testClient } from "../../test/testkit/sumdb-world.ts";
import type { TestSumdb } from "../../test/testkit/sumdb-server.ts";
import { problemOf } from "../../test/testkit/test-chain.ts";
import { runsOf, testSeed } from "../../test/testkit/test-seed.ts";
import { faultOfForkEvidence } from "./fork-evidence.ts";
import type { ForkEvidence } from "../ports/checksum-database.ts";
import { loadTrust } from "./trust.ts";

const { signal } = new AbortController();
const sizeIn = (note: string | null): number => Number(note?.split("\n")[1]);

/** What the database itself has at the path; null where it has nothing. */
function rightTile(database: TestSumdb, path: string): Buffer | null {
  return database.atRoot.answer(`/${path}`)?.body ?? null;
}

function cachedTile(cache: ReadonlyMap<string, Buffer>, database: TestSumdb, path: string): Buffer | undefined {
  return cache.get(`sumdb/${database.name}/${path}`);
}

/** Everything in the cache is what the database has there, byte for byte. */
function assertCacheIsRight(cache: ReadonlyMap<string, Buffer>, database: TestSumdb): void {
  for (const [key, bytes] of cache) {
    const path = key.slice(`sumdb/${database.name}/`.length);
    if (path.startsWith("tile/")) assert.deepEqual(bytes, rightTile(database, path), path);
  }
}

test("tile gives every tile that a tree has, in any width, from the network and then from the cache", async (t) => {
  const check = async (size: number, wishes: readonly { level: number; part: number; width: number }[]) => {
    const database = fillerSumdb(size);
    const { client, operations } = testClient(database);
    for (const { level, part, width } of wishes) {
      const hashes = level === -1 ? size : Math.floor(size / 256 ** level);
      if (hashes === 0) continue;
      const number = Math.floor((Math.ceil(hashes / 256) - 1) * part);
      const widest = Math.min(256, hashes - number * 256);
      const chosen = 1 + (width % widest);
      const three = String(number).padStart(3, "0");
      const path = `tile/8/${level === -1 ? "data" : level}/${three}${chosen === 256 ? "" : `.p/${chosen}`}`;
      assert.deepEqual(await client.tile(path, signal), rightTile(database, path), path);
      assert.deepEqual(cachedTile(operations.cache, database, path), rightTile(database, path), path);
      const offline = testClient(database, operations);
      offline.operations.database = null;
      assert.deepEqual(await offline.client.tile(path, signal), rightTile(database, path), `${path} offline`);
    }
    assertCacheIsRight(operations.cache, database);
  };
  const wish = fc.record({
    level: fc.constantFrom(-1, 0, 0, 1, 2),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    width: fc.nat(255),
  });
  const wishes = fc.array(wish, { minLength: 1, maxLength: 8 });
  const seed = testSeed(t);
  const numRuns = runsOf({ usual: 12, deep: 500 });
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), wishes, check), { seed, numRuns });
  await fc.assert(fc.asyncProperty(fc.constant(65_600), wishes, check), { seed, numRuns: 1 });
});

test("tile refuses a tile with one wrong bit, whatever bit it is, and keeps nothing wrong", async (t) => {
  const check = async (size: number, pick: number, data: boolean) => {
    const database = fillerSumdb(size);
    const { client, operations } = testClient(database);
    const width = size % 256 || 256;
    const number = Math.ceil(size / 256) - 1;
    const end = `${String(number).padStart(3, "0")}${width === 256 ? "" : `.p/${width}`}`;
    const path = `tile/8/${data ? "data" : "0"}/${end}`;
    operations.falsify = (asked, bytes) => (asked === path ? flipBit(bytes, pick % (bytes.length * 8)) : bytes);
    const problem = await problemOf(client.tile(path, signal));
    assert.equal(problem.code, "SUMDB_DAMAGED");
    assert.equal(problem.verdict, "damaged");
    assert.ok(problem.evidence);
    assert.equal(cachedTile(operations.cache, database, path), undefined);
    assertCacheIsRight(operations.cache, database);
    // On the way alone: the database itself is right, and that is what is kept.
    operations.falsify = (asked, bytes, source) =>
      asked === path && source === "any" ? flipBit(bytes, pick % (bytes.length * 8)) : bytes;
    assert.deepEqual(await client.tile(path, signal), rightTile(database, path));
    assertCacheIsRight(operations.cache, database);
  };
  const seed = testSeed(t);
  const numRuns = runsOf({ usual: 30, deep: 2000 });
  const bit = fc.nat(2 ** 30);
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), bit, fc.boolean(), check), { seed, numRuns });
});

test("tile of a tree that was not seen yet asks for the latest head, proves that it goes on, and then the tile", async () => {
  const database = fillerSumdb(300);
  const { client, operations, filler } = testClient(database);
  await filler(3);
  database.growTo(1000);
  operations.asked.length = 0;
  assert.deepEqual(await client.tile("tile/8/0/003.p/100", signal), rightTile(database, "tile/8/0/003.p/100"));
  assert.ok(operations.asked.includes("latest"));
  assert.equal(sizeIn((await loadTrust(operations.trust, "")).head), 1000);
  operations.asked.length = 0;
  await client.tile("tile/8/0/003.p/200", signal);
  assert.deepEqual(operations.asked, [], "the tree's own tile has it");
});

test("tile asks the database itself for its head where whoever is near is behind", async () => {
  const database = fillerSumdb(1000);
  const { client, operations } = testClient(database);
  operations.falsify = (path, bytes, source) =>
    path === "latest" && source === "any" ? Buffer.from(database.head(300)) : bytes;
  assert.deepEqual(await client.tile("tile/8/0/003.p/100", signal), rightTile(database, "tile/8/0/003.p/100"));
  assert.ok(operations.asked.includes("latest (database)"));
});

test("tile says MODULE_ABSENT for what the tree does not reach, and asks nobody for another height", async () => {
  const { client, operations } = testClient(fillerSumdb(300));
  for (const path of ["tile/8/0/001.p/45", "tile/8/0/002", "tile/8/1/000.p/2", "tile/8/2/000", "tile/8/63/000.p/1"]) {
    assert.equal((await problemOf(client.tile(path, signal))).code, "MODULE_ABSENT", path);
  }
  assert.equal((await problemOf(client.tile("tile/8/data/001.p/45", signal))).code, "MODULE_ABSENT");
  operations.asked.length = 0;
  for (const path of ["tile/7/0/000", "tile/8/0/x999/x999/x999/x999/x999/999", "latest", "tile/8/0/1"]) {
    assert.equal((await problemOf(client.tile(path, signal))).code, "MODULE_ABSENT", path);
  }
  assert.deepEqual(operations.asked, []);
});

test("tile says as it is that nobody can be asked, for its head and for itself", async () => {
  const database = fillerSumdb(1000);
  const first = testClient(database);
  first.operations.database = null;
  assert.equal((await problemOf(first.client.tile("tile/8/0/000", signal))).code, "UPSTREAM_UNREACHABLE");
  first.operations.database = database;
  await first.filler(3);
  first.operations.database = null;
  assert.equal((await problemOf(first.client.tile("tile/8/0/002", signal))).code, "UPSTREAM_UNREACHABLE");
  assert.equal((await problemOf(first.client.tile("tile/8/data/000", signal))).code, "UPSTREAM_UNREACHABLE");
  assert.deepEqual(await first.client.tile("tile/8/0/000", signal), rightTile(database, "tile/8/0/000"));
});

test("tile takes a partial data tile out of the full one where that alone is left", async () => {
  const database = fillerSumdb(1000);
  const { client, operations } = testClient(database);
  operations.falsify = (path, bytes) => (path.includes("data/001.p/") ? null : bytes);
  assert.deepEqual(await client.tile("tile/8/data/001.p/7", signal), rightTile(database, "tile/8/data/001.p/7"));
  operations.falsify = (path, bytes) => (path.includes("/data/") ? null : bytes);
  assert.equal((await problemOf(client.tile("tile/8/data/002", signal))).code, "MODULE_ABSENT");
});

test("tile mends what lies wrong in the cache", async () => {
  const database = fillerSumdb(1000);
  const first = testClient(database);
  for (const path of ["tile/8/0/001", "tile/8/0/002.p/9", "tile/8/data/001"]) {
    const right = await first.client.tile(path, signal);
    const key = `sumdb/${database.name}/${path}`;
    const cache = new Map(first.operations.cache).set(key, flipBit(right, 77));
    const { client } = testClient(database, { cache, trust: first.operations.trust });
    assert.deepEqual(await client.tile(path, signal), right, path);
    assert.deepEqual(cache.get(key), right, `${path} is mended`);
  }
});

test("latest gives the latest head that is known, takes a newer one over, and none that is not signed", async () => {
  const database = fillerSumdb(300);
  const { client, operations, forks } = testClient(database);
  assert.equal(sizeIn((await client.latest(signal)).toString()), 300);
  database.growTo(700);
  assert.equal((await client.latest(signal)).toString(), (await loadTrust(operations.trust, "")).head);
  assert.equal(sizeIn((await loadTrust(operations.trust, "")).head), 700);
  // Rolled back, and consistent: no fork, and no way back.
  operations.falsify = (path, bytes) => (path === "latest" ? Buffer.from(database.head(400)) : bytes);
  assert.equal(sizeIn((await client.latest(signal)).toString()), 700);
  assert.equal(sizeIn((await loadTrust(operations.trust, "")).head), 700);
  assert.deepEqual(forks, []);
  const stranger = fillerSumdb(900, { name: database.name });
  for (const wrong of [Buffer.from("<html>"), Buffer.from(stranger.head()), Buffer.from([0xff, 0xfe])]) {
    operations.falsify = (path, bytes) => (path === "latest" ? wrong : bytes);
    assert.equal((await problemOf(client.latest(signal))).code, "SUMDB_DAMAGED");
  }
  operations.falsify = (path, bytes) => (path === "latest" ? null : bytes);
  assert.match((await problemOf(client.latest(signal))).message, /does not say which tree head is its latest/);
});

test("a latest head of another history is a fork, for tiles too, with both heads and nothing more in the cache", async () => {
  const forked = forkedSumdb([400, 500], 399);
  const { client, operations, forks, filler } = testClient(forked.one);
  await filler(3);
  const before = new Map(operations.cache);
  operations.database = forked.other;
  const problem = await problemOf(client.tile("tile/8/0/001.p/200", signal));
  assert.equal(problem.code, "SUMDB_FORK");
  assert.deepEqual(operations.cache, before);
  assert.equal(forks.length, 1);
  const evidence = problem.evidence as unknown as ForkEvidence;
  assert.equal(faultOfForkEvidence(evidence, forked.verifier), null);
  assert.deepEqual([sizeIn(evidence.older), sizeIn(evidence.newer)], [400, 500]);
  operations.database = forked.one;
  for (const again of [client.latest(signal), client.tile("tile/8/0/000", signal), filler(3)]) {
    assert.equal((await problemOf(again)).code, "SUMDB_FORK");
  }
  assert.equal(forks.length, 1);
});
