import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../kernel/problem.ts";
import type { ForkEvidence } from "../ports/checksum-database.ts";
import { fillerSumdb, forkedSumdb, memoryRegister, testClient } from "../../test/testkit/sumdb-world.ts";
import { problemOf } from "../../test/testkit/test-chain.ts";
import { faultOfForkEvidence } from "./fork-evidence.ts";
import { loadTrust, resetTrust } from "./trust.ts";

const sizeIn = (note: string | null): number => Number(note?.split("\n")[1]);

test("the latest tree head moves on with the database and stays where an older one comes", async () => {
  const database = fillerSumdb(300);
  const { filler, operations } = testClient(database);
  const sizes: number[] = [];
  for (const size of [300, 301, 1000, 70_000]) {
    database.growTo(size);
    await filler(size - 1);
    sizes.push(sizeIn((await loadTrust(operations.trust, "")).head));
  }
  assert.deepEqual(sizes, [300, 301, 1000, 70_000]);
  // A rollback: whoever answers now is behind, and consistent.
  operations.falsify = (path, bytes) => (path.includes("m3@") ? Buffer.from(database.lookup(3, 400)) : bytes);
  const proved = await filler(3);
  assert.equal(sizeIn(proved.head), 70_000, "proved against the latest");
  assert.equal(sizeIn((await loadTrust(operations.trust, "")).head), 70_000);
});

test("a record that the lookup's own tree head does not reach is refused, and accepted where the latest head does", async () => {
  const database = fillerSumdb(1000);
  const early = testClient(database);
  early.operations.falsify = (path, bytes) => (path.includes("m900@") ? Buffer.from(database.lookup(900, 400)) : bytes);
  const problem = await problemOf(early.filler(900));
  assert.equal(problem.code, "SUMDB_DAMAGED");
  assert.match(problem.message, /a record that is not in its signed tree/);
});

for (const [name, sizes, order] of [
  ["newer after older", [1000, 1500], ["one", "other"]],
  ["older after newer", [1000, 1500], ["other", "one"]],
  ["of one size", [1000, 1000], ["one", "other"]],
  ["the fork at an edge of tiles", [513, 1024], ["one", "other"]],
  ["trees of several levels", [66_000, 67_000], ["other", "one"]],
  ["a fork in the first record", [2, 3], ["one", "other"]],
] as const) {
  test(`a fork is found, with evidence that anybody can check: ${name}`, async () => {
    const forked = forkedSumdb(sizes, sizes[0] - 1);
    const first = testClient(forked[order[0]]);
    await first.filler(0);
    const before = (await loadTrust(first.operations.trust, "")).head;
    const keptBefore = new Map(first.operations.cache);
    // Tiles of the longer history are there in both cases, else nothing can be proved.
    const second = forked[order[1]];
    first.operations.database = forked.other;
    first.operations.falsify = (path, bytes) => (path.startsWith("lookup/") ? Buffer.from(second.lookup(1)) : bytes);
    const problem = await problemOf(first.filler(1));
    assert.equal(problem.code, "SUMDB_FORK");
    const evidence = problem.evidence as unknown as ForkEvidence;
    assert.equal(faultOfForkEvidence(evidence, forked.verifier), null);
    assert.ok(sizeIn(evidence.older) <= sizeIn(evidence.newer));
    assert.deepEqual(
      [evidence.older, evidence.newer].map((note) => sizeIn(note)),
      [...sizes],
    );
    assert.deepEqual(first.forks, [problem], "one security event");
    assert.equal((await loadTrust(first.operations.trust, "")).head, before, "the head stays where it was");
    assert.deepEqual(first.operations.cache, keptBefore, "nothing of the other history is kept");
  });
}

test("after a fork every lookup is refused with the same evidence, by every process, until the operator says so", async () => {
  const forked = forkedSumdb([400, 500], 399);
  const first = testClient(forked.one);
  await first.filler(3);
  first.operations.database = forked.other;
  const found = await problemOf(first.filler(4));
  first.operations.database = forked.one;
  const asked = first.operations.asked.length;
  const second = testClient(forked.one, first.operations);
  for (const lookup of [first.filler(3), first.filler(5), second.filler(3), second.filler(6)]) {
    const problem = await problemOf(lookup);
    assert.equal(problem.code, "SUMDB_FORK");
    assert.deepEqual(problem.evidence, found.evidence);
  }
  assert.deepEqual([first.forks.length, second.forks.length], [1, 1], "each process tells it once");
  assert.equal(first.operations.asked.length + second.operations.asked.length, asked, "nothing is asked any more");

  const { head } = await loadTrust(first.operations.trust, "");
  await resetTrust(first.operations.trust, { head, movedAtMs: 5 });
  assert.equal((await second.filler(6)).record, 6);
  first.operations.database = forked.other;
  assert.equal((await problemOf(first.filler(7))).code, "SUMDB_FORK", "the same fork is found again");
  assert.equal(first.forks.length, 2, "after a reset it is news");
  await resetTrust(first.operations.trust, { head: null, movedAtMs: null });
  assert.equal((await first.filler(8)).record, 8, "the other history is believed from here on");
});

test("two processes that see one history each find the fork out, however they interleave", async () => {
  const forked = forkedSumdb([900, 901], 300);
  for (const turns of [0, 1, 2, 3, 5, 8, 13, 21]) {
    const one = testClient(forked.one);
    const other = testClient(forked.other, { trust: one.operations.trust });
    const started = one.filler(1);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => void setImmediate(resolve));
    const ended = await Promise.allSettled([started, other.filler(2)]);
    const [refused, ...more] = ended.filter((result) => result.status === "rejected");
    assert.ok(refused?.reason instanceof Problem && refused.reason.code === "SUMDB_FORK", `after ${turns} turns`);
    assert.equal(one.forks.length + other.forks.length, 1 + more.length);
    assert.equal((await problemOf(one.filler(3))).code, "SUMDB_FORK");
    assert.equal((await problemOf(other.filler(3))).code, "SUMDB_FORK");
  }
});

test("clients that share a register agree on the latest head while the database grows under them", async () => {
  const database = fillerSumdb(300);
  const trust = memoryRegister();
  const clients = Array.from({ length: 4 }, () => testClient(database, { trust }));
  const lookups = clients.flatMap(({ filler }, index) =>
    Array.from({ length: 25 }, async (_, step) => {
      for (let turn = 0; turn < step; turn++) await new Promise((resolve) => void setImmediate(resolve));
      database.growTo(database.size + 3);
      return filler((step * 4 + index) * 2);
    }),
  );
  const proved = await Promise.all(lookups);
  assert.equal(proved.length, 100);
  const { head } = await loadTrust(trust, "");
  assert.equal(sizeIn(head), Math.max(...proved.map((lookup) => sizeIn(lookup.head))));
  assert.ok(sizeIn(head) > 300);
});

test("a head that is signed and whose tiles nobody has is damage, not a fork, and is not taken over", async () => {
  const forked = forkedSumdb([400, 500], 399);
  const { filler, operations, forks } = testClient(forked.one);
  await filler(3);
  const before = await operations.trust.load();
  operations.falsify = (path, bytes) => (path.startsWith("lookup/") ? Buffer.from(forked.other.lookup(4)) : bytes);
  const problem = await problemOf(filler(4));
  assert.equal(problem.code, "SUMDB_DAMAGED");
  assert.match(problem.message, /Nobody shows that the tree of 500 records .* goes on from that of 400/);
  assert.deepEqual(
    [problem.evidence?.["older"], problem.evidence?.["newer"]].map((note) => sizeIn(String(note))),
    [400, 500],
  );
  assert.deepEqual([await operations.trust.load(), forks], [before, []]);
});

test("a server that has forgotten the newer tree is damage with both heads, and all is well once it has it again", async () => {
  const database = fillerSumdb(1500);
  const { filler, operations, forks } = testClient(database);
  await filler(3);
  operations.database = fillerSumdb(1000);
  operations.falsify = (path, bytes) => (path.startsWith("lookup/") ? Buffer.from(database.lookup(900, 1000)) : bytes);
  const problem = await problemOf(filler(900));
  assert.equal(problem.code, "SUMDB_DAMAGED");
  assert.deepEqual(
    [problem.evidence?.["older"], problem.evidence?.["newer"]].map((note) => sizeIn(String(note))),
    [1000, 1500],
  );
  assert.deepEqual(forks, []);
  operations.database = database;
  assert.equal((await filler(900)).record, 900);
});

test("a head of no records is believed with the one root alone that such a tree has", async () => {
  const signer = forkedSumdb([1, 1], 9).one;
  const empty = fillerSumdb(0);
  const { filler, operations } = testClient(empty);
  empty.growTo(5);
  const lookup = empty.lookup(2);
  operations.falsify = (path, bytes) =>
    path.startsWith("lookup/") ? Buffer.from(lookup.replace(empty.head(), empty.head(0))) : bytes;
  assert.match((await problemOf(filler(2))).message, /a record that is not in its signed tree/);
  assert.equal(sizeIn((await loadTrust(operations.trust, "")).head), 0);
  operations.falsify = (_path, bytes) => bytes;
  assert.equal((await filler(2)).record, 2);
  assert.notEqual(signer.key, empty.key);
});

test("what is kept of the tree and cannot be read or verified refuses every lookup, until the operator resets it", async () => {
  const database = fillerSumdb(300);
  const other = fillerSumdb(300);
  for (const kept of ["", "{}", "null", '{"head":1,"fork":null}', JSON.stringify({ head: other.head(), fork: null })]) {
    const trust = memoryRegister();
    await trust.swap(null, Buffer.from(kept));
    const { filler, operations } = testClient(database, { trust });
    const problem = await problemOf(filler(3));
    assert.equal(problem.code, "SUMDB_DAMAGED", kept);
    assert.ok(problem.evidence);
    assert.equal((await trust.load())?.toString(), kept, "it stays as it is");
    await resetTrust(operations.trust, { head: null, movedAtMs: null });
    assert.equal((await filler(3)).record, 3);
  }
});

test("a fork that cannot be written down holds all the same, in this process", async () => {
  const forked = forkedSumdb([400, 500], 399);
  const { filler, operations, forks } = testClient(forked.one);
  await filler(3);
  operations.database = forked.other;
  const { trust } = operations;
  const swap = trust.swap.bind(trust);
  trust.swap = () => Promise.reject(new Problem("STORE_FAILED", "the disk is full"));
  assert.equal((await problemOf(filler(4))).code, "SUMDB_FORK");
  trust.swap = swap;
  operations.database = forked.one;
  assert.equal((await problemOf(filler(3))).code, "SUMDB_FORK");
  assert.equal(forks.length, 1);
});

test("a register that cannot be read or written refuses the lookup as what it is", async () => {
  for (const method of ["load", "swap"] as const) {
    const { filler, operations } = testClient(fillerSumdb(300));
    Object.assign(operations.trust, {
      [method]: () => Promise.reject(new Problem("STORE_FAILED", "the disk is gone")),
    });
    assert.equal((await problemOf(filler(3))).code, "STORE_FAILED", method);
  }
});
