import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Problem } from "../kernel/problem.ts";
import { flipBit } from "../../test/testkit/flip-bit.ts";
import { fillerSumdb, testClient } from "../../test/testkit/sumdb-world.ts";
import { runsOf, testSeed } from "../../test/testkit/test-seed.ts";

const seenSize = 2900;
const record = 777;
const database = fillerSumdb(seenSize);

/** What a process has kept that saw an earlier tree, and all that a lookup now asks: lookup, edges, path, consistency. */
const before = testClient(database);
await before.filler(2);
const keptBefore = new Map(before.operations.cache);
const trustBefore = (await before.operations.trust.load()) ?? assert.fail();
database.growTo(3700);
const honest = testClient(database, { cache: new Map(keptBefore), trust: before.operations.trust });
const right = await honest.filler(record);
const asked = [...honest.operations.asked];
const keptAfter = new Map(honest.operations.cache);
const trustAfter = (await honest.operations.trust.load()) ?? assert.fail();

async function clientAsBefore() {
  const test = testClient(database, { cache: new Map(keptBefore) });
  await test.operations.trust.swap(null, trustBefore);
  return test;
}

test("the honest lookup asks for a record, a tile at the edge, one of the path, and proves consistency", () => {
  assert.deepEqual(asked.toSorted(), [
    "lookup/filler.example/m777@v1.0.0",
    "tile/8/0/003",
    "tile/8/0/011",
    "tile/8/0/014.p/116",
    "tile/8/1/000.p/14",
  ]);
});

test("every single bit turned over on the way is refused, and nothing of it is kept", async (t) => {
  const seed = testSeed(t);
  const counts = new Map<string, number>();
  const numRuns = runsOf({ usual: 400, deep: 12_000 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...asked), fc.nat(), async (wrongPath, random) => {
      const { filler, operations, forks } = await clientAsBefore();
      operations.falsify = (path, bytes) => (path === wrongPath ? flipBit(bytes, random % (bytes.length * 8)) : bytes);
      const problem = await filler(record).then(
        () => assert.fail(`${wrongPath} was accepted`),
        (error: unknown) => error,
      );
      assert.ok(problem instanceof Problem && problem.code === "SUMDB_DAMAGED", String(problem));
      assert.ok(problem.evidence, "it carries evidence");
      assert.deepEqual(forks, [], "a broken bit is no fork");
      for (const [key, bytes] of operations.cache) {
        assert.deepEqual(bytes, keptBefore.get(key) ?? database.atRoot.answer(pathIn(key))?.body, key);
      }
      const trust = await operations.trust.load();
      assert.ok(trust?.equals(trustBefore) || sizeIn(trust) === 3700, "the tree head is an honest one");
      counts.set(wrongPath, (counts.get(wrongPath) ?? 0) + 1);
    }),
    { seed, numRuns },
  );
  t.diagnostic([...counts].map(([path, count]) => `${path}: ${count}`).join(", "));
});

test("every single bit turned over in the cache is refused without a network, and mended with one", async (t) => {
  const keys = [...keptAfter.keys()].filter((key) => asked.some((path) => key.endsWith(path)));
  const numRuns = runsOf({ usual: 200, deep: 4000 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...keys), fc.nat(), async (key, random) => {
      const good = keptAfter.get(key) ?? assert.fail(key);
      const cache = new Map(keptAfter).set(key, flipBit(good, random % (good.length * 8)));
      const { filler, operations } = testClient(database, { cache: new Map(cache) });
      await operations.trust.swap(null, trustBefore);
      operations.database = null;
      const problem = await filler(record).then(
        () => assert.fail(`${key} was accepted`),
        (error: unknown) => error,
      );
      assert.ok(problem instanceof Problem, String(problem));
      // Another number of the record needs a tile that is not cached, and nobody can be asked.
      const mayBeUnknown = key.includes("/lookup/") && problem.code === "UPSTREAM_UNREACHABLE";
      assert.ok(problem.code === "SUMDB_DAMAGED" || mayBeUnknown, String(problem));
      assert.deepEqual(operations.cache, cache, "nothing is written");
      operations.database = database;
      assert.equal((await filler(record)).zip, right.zip);
      assert.deepEqual(operations.cache.get(key), good, "it is mended");
    }),
    { seed: testSeed(t), numRuns },
  );
});

test("every single bit turned over in the kept tree head is refused, or is no part of head and fork", async () => {
  for (let bit = 0; bit < trustAfter.length * 8; bit++) {
    const { filler, operations } = testClient(database, { cache: new Map(keptAfter) });
    const wrong = flipBit(trustAfter, bit);
    await operations.trust.swap(null, wrong);
    const result = await filler(record).catch((error: unknown) => error);
    if (result instanceof Problem) assert.equal(result.code, "SUMDB_DAMAGED");
    // White space between the fields may change and mean the same, and when the head has moved proves nothing.
    else assert.deepEqual(headAndFork(wrong), headAndFork(trustAfter), `bit ${bit}`);
  }
});

test("answers that have changed places, of other versions and other databases, are refused", async () => {
  const others = ["lookup/filler.example/m778@v1.0.0", ...asked, "tile/8/0/000", "tile/8/1/000.p/14"];
  const stranger = fillerSumdb(3700);
  for (const wrongPath of asked) {
    for (const path of others) {
      if (path === wrongPath) continue;
      const { filler, operations } = await clientAsBefore();
      const bytes = database.atRoot.answer(`/${path}`)?.body ?? assert.fail(path);
      operations.falsify = (asking, good) => (asking === wrongPath ? bytes : good);
      await assert.rejects(filler(record), { code: "SUMDB_DAMAGED" }, `${path} for ${wrongPath}`);
    }
    if (!wrongPath.startsWith("lookup/")) continue;
    const { filler, operations } = await clientAsBefore();
    operations.database = stranger;
    await assert.rejects(filler(record), { code: "SUMDB_DAMAGED" });
  }
});

const pathIn = (key: string): string => key.slice("sumdb/localhost.localdev/sumdb".length);

function sizeIn(trust: Buffer | null): number {
  const { head }: { head: string } = JSON.parse(trust?.toString() ?? "{}");
  return Number(head.split("\n")[1]);
}

function headAndFork(trust: Buffer): object {
  const { head, fork } = JSON.parse(trust.toString()) as Record<string, unknown>;
  return { head, fork };
}
