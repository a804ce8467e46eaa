import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseSumdbPath } from "../gomod/parse-sumdb.ts";
import type { KeptAnswer } from "../ports/checksum-database.ts";
import { flipBit } from "../../test/testkit/flip-bit.ts";
import type { TestSumdb } from "../../test/testkit/sumdb-server.ts";
import { fillerSumdb, forkedSumdb, testClient, type TestClient } from "../../test/testkit/sumdb-world.ts";
import { problemOf } from "../../test/testkit/test-chain.ts";
import { runsOf, testSeed } from "../../test/testkit/test-seed.ts";
import { type KeptDatabase, statusOf, trustedHeadOf } from "./kept-database.ts";
import { resetKept } from "./reset-kept.ts";
import { noteVerifier } from "./signed-note.ts";
import { verifyKept } from "./verify-kept.ts";

const { signal } = new AbortController();
const settle = (): Promise<void> => Promise.resolve();

/** What a client keeps, as the commands see it. */
function keptOf(database: TestSumdb, { operations }: TestClient): KeptDatabase {
  const { cache, trust } = operations;
  const prefix = `sumdb/${database.name}/`;
  return {
    verifier: noteVerifier(database.key),
    trust,
    async *answers() {
      for (const key of cache.keys()) {
        const { op } = parseSumdbPath(key);
        if (op !== "supported") yield { key, op, path: key.slice(prefix.length) } satisfies KeptAnswer;
      }
    },
    read: (key) => Promise.resolve(cache.get(key) ?? null),
    remove: (key) => Promise.resolve(void cache.delete(key)),
  };
}

const verify = async (kept: KeptDatabase) => verifyKept(kept, await trustedHeadOf(kept), { signal });

/** Lookups and tiles of a tree that grows meanwhile. */
const history = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 }),
  part: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

async function live(database: TestSumdb, { client, filler }: TestClient, past: { sizes: number[]; part: number }) {
  for (const growth of past.sizes) {
    database.growTo(database.size + growth);
    const record = Math.floor(database.size * past.part);
    await filler(record);
    const width = database.size % 256 || 256;
    const number = String(Math.ceil(database.size / 256) - 1).padStart(3, "0");
    const end = `${number}${width === 256 ? "" : `.p/${width}`}`;
    await client.tile(`tile/8/data/${end}`, signal);
    await client.tile(`tile/8/0/${end}`, signal);
  }
}

test("verifyKept proves everything that was ever kept, without a network, however the tree has grown", async (t) => {
  const check = async (past: { sizes: number[]; part: number }) => {
    const database = fillerSumdb(0);
    const world = testClient(database);
    await live(database, world, past);
    const report = await verify(keptOf(database, world));
    assert.deepEqual(report.findings, []);
    assert.ok(report.lookups >= 1 && report.tiles >= 2);
  };
  await fc.assert(fc.asyncProperty(history, check), { seed: testSeed(t), numRuns: runsOf({ usual: 12, deep: 500 }) });
});

test("verifyKept finds one wrong bit in any one file, and takes nothing for wrong that does not rest on it", async (t) => {
  const check = async (past: { sizes: number[]; part: number }, which: number, bit: number) => {
    const database = fillerSumdb(0);
    const world = testClient(database);
    await live(database, world, past);
    const { cache } = world.operations;
    const [key = "", bytes = Buffer.alloc(0)] = [...cache][which % cache.size] ?? [];
    cache.set(key, flipBit(bytes, bit % (bytes.length * 8)));
    const { findings } = await verify(keptOf(database, world));
    const found = findings.find((one) => one.key === key);
    // A lookup may name another record now, whose tile was never needed here.
    if (key.includes("/lookup/")) assert.ok(found, key);
    else assert.ok(found?.kind === "wrong" && findings.every(({ kind }) => kind === "wrong"), key);
    if (!/\/tile\/8\/[0-9]/.test(key)) assert.equal(findings.length, 1, "nothing rests on a lookup or on records");
  };
  const number = fc.nat(2 ** 30);
  const numRuns = runsOf({ usual: 20, deep: 2000 });
  await fc.assert(fc.asyncProperty(history, number, number, check), { seed: testSeed(t), numRuns });
});

test("verifyKept says unproved for what it lacks the tiles of, and for what no head is trusted for", async () => {
  const database = fillerSumdb(1000);
  const world = testClient(database);
  await world.filler(300);
  const { cache, trust } = world.operations;
  const tile = `sumdb/${database.name}/tile/8/0/001`;
  const kept = cache.get(tile) ?? assert.fail();
  cache.delete(tile);
  const lacking = await verify(keptOf(database, world));
  assert.deepEqual(
    lacking.findings.map(({ key, kind, reason }) => [key.split("/").at(-1), kind, reason]),
    [["m300@v1.0.0", "unproved", "tile/8/0/001, which would prove it, is not in the cache"]],
  );
  cache.set(tile, kept);
  const other = testClient(database, { cache });
  const untrusted = await verify(keptOf(database, other));
  assert.equal(untrusted.findings.length, cache.size);
  assert.ok(untrusted.findings.every(({ kind }) => kind === "unproved"));
  // As after a reset: what is kept reaches beyond the head.
  await trust.swap(await trust.load(), Buffer.from(JSON.stringify({ head: database.head(200), fork: null })));
  const beyond = await verify(keptOf(database, world));
  assert.match(
    beyond.findings.map(({ reason }) => reason).join("\n"),
    /takes a tree of 301 records, and the trusted one has 200/,
  );
});

test("statusOf shows the head, when it moved and a fork with both heads; resetKept settles it as it is told", async () => {
  const forked = forkedSumdb([400, 500], 399);
  for (const from of [null, "older", "newer"] as const) {
    const world = testClient(forked.one);
    const kept = keptOf(forked.one, world);
    await world.clock.advance(5000);
    const startMs = world.clock.now();
    await world.filler(3);
    const calm = await statusOf(kept, forked.one.key, signal);
    assert.partialDeepStrictEqual(calm, { head: { size: 400 }, lookups: 1, tiles: 3, fork: null, trouble: null });
    assert.equal(calm.movedAt, new Date(startMs).toISOString());
    world.operations.database = forked.other;
    assert.equal((await problemOf(world.filler(4))).code, "SUMDB_FORK");
    const status = await statusOf(kept, forked.one.key, signal);
    assert.partialDeepStrictEqual(status, {
      head: { size: 400 },
      fork: {
        older: { size: 400, note: forked.one.head() },
        newer: { size: 500, note: forked.other.head() },
        fault: null,
      },
    });
    const { head, removed } = await resetKept(kept, status, { from, atMs: startMs, settle, signal });
    assert.deepEqual(
      [head?.size ?? null, removed],
      { older: [400, 0], newer: [500, 4], null: [null, 4] }[String(from)],
    );
    // From here on the one that was chosen is believed.
    world.operations.database = from === "older" ? forked.one : forked.other;
    assert.equal((await world.filler(4)).record, 4);
    assert.deepEqual((await verify(kept)).findings, []);
  }
});

test("resetKept refuses to go on from a head of a fork that is none", async () => {
  const database = fillerSumdb(300);
  const world = testClient(database);
  await world.filler(3);
  const kept = keptOf(database, world);
  const status = await statusOf(kept, database.key, signal);
  const problem = await problemOf(resetKept(kept, status, { from: "newer", atMs: 0, settle, signal }));
  assert.equal(problem.code, "USAGE");
  assert.deepEqual((await verify(kept)).findings, []);
});

test("statusOf and trustedHeadOf say what cannot be read or verified", async () => {
  const database = fillerSumdb(300);
  for (const bytes of ["{}", JSON.stringify({ head: fillerSumdb(300).head(), fork: null })]) {
    const world = testClient(database);
    await world.operations.trust.swap(null, Buffer.from(bytes));
    const kept = keptOf(database, world);
    const status = await statusOf(kept, database.key, signal);
    assert.ok(status.trouble, bytes);
    assert.equal((await problemOf(trustedHeadOf(kept))).code, "SUMDB_DAMAGED");
    await resetKept(kept, status, { from: null, atMs: 0, settle, signal });
    assert.equal((await world.filler(3)).record, 3);
  }
});
