import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { flipBit } from "../../test/testkit/flip-bit.ts";
import { runsOf, testSeed } from "../../test/testkit/test-seed.ts";
import { goVectors } from "../../test/testkit/vectors.ts";
import { recordHash } from "./merkle.ts";
import { recordProofRanges, rootByRecordProof, rootsByTreeProof, treeProofRanges } from "./tree-proofs.ts";

type Row = readonly [size: number, other: number, proof: readonly string[]];

const rootRows: readonly [number, string][] = goVectors("tree-root");
const roots = new Map(rootRows.map(([size, root]) => [size, Buffer.from(root, "base64")]));
const recordRows: readonly Row[] = goVectors("record-proof");
const treeRows: readonly Row[] = goVectors("tree-proof");
const hashesOf = (proof: readonly string[]): Buffer[] => proof.map((hash) => Buffer.from(hash, "base64"));
const rootOf = (size: number): Buffer => roots.get(size) ?? assert.fail(`no root of ${size}`);

test("rootByRecordProof leads every proof that Go makes to the root", () => {
  for (const [size, record, proof] of recordRows) {
    const root = rootByRecordProof(hashesOf(proof), size, record, recordHash(`record ${record}`));
    assert.deepEqual(root, rootOf(size), `record ${record} of ${size}`);
    assert.equal(recordProofRanges(size, record).length, proof.length);
  }
});

test("rootsByTreeProof leads every proof that Go makes to the newer root, and gives the older one back", () => {
  let withOlder = 0;
  for (const [size, olderSize, proof] of treeRows) {
    const known = roots.get(olderSize);
    const roots_ = rootsByTreeProof(hashesOf(proof), size, olderSize, known ?? Buffer.alloc(32));
    assert.equal(treeProofRanges(size, olderSize).length, proof.length);
    // Without a base in the proof the older root decides, and is not known for every size.
    if (known) assert.deepEqual(roots_, { older: known, newer: rootOf(size) }, `${olderSize} of ${size}`);
    else if (treeProofRanges(size, olderSize)[0]?.end === olderSize) assert.deepEqual(roots_?.newer, rootOf(size));
    if (known) withOlder++;
  }
  assert.ok(withOlder > 30);
});

test("a proof with one bit wrong, a hash too few or too many, or for another record or size leads elsewhere", (t) => {
  const seed = testSeed(t);
  const records = recordRows.filter(([, , proof]) => proof.length > 0);
  const numRuns = runsOf({ usual: 1000, deep: 10_000 });
  fc.assert(
    fc.property(fc.constantFrom(...records), fc.nat(), (row, random) => {
      const [size, record, texts] = row;
      const proof = hashesOf(texts);
      const leaf = recordHash(`record ${record}`);
      const want = rootOf(size);
      const bit = random % (proof.length * 256);
      const wrong = proof.map((hash, index) => (index === bit >> 8 ? flipBit(hash, bit & 255) : hash));
      assert.notDeepEqual(rootByRecordProof(wrong, size, record, leaf), want, "a bit of the proof");
      assert.notDeepEqual(rootByRecordProof(proof, size, record, flipBit(leaf, bit & 255)), want, "a bit of the leaf");
      assert.equal(rootByRecordProof(proof.slice(1), size, record, leaf), null);
      assert.equal(rootByRecordProof([...proof, leaf], size, record, leaf), null);
      const other = random % size;
      if (other !== record) assert.notDeepEqual(rootByRecordProof(proof, size, other, leaf), want, `record ${other}`);
    }),
    { seed, numRuns },
  );
  const trees = treeRows.filter(([, older, proof]) => proof.length > 0 && roots.has(older));
  fc.assert(
    fc.property(fc.constantFrom(...trees), fc.nat(), (row, random) => {
      const [size, olderSize, texts] = row;
      const proof = hashesOf(texts);
      const older = rootOf(olderSize);
      const bit = random % (proof.length * 256);
      const wrong = proof.map((hash, index) => (index === bit >> 8 ? flipBit(hash, bit & 255) : hash));
      const want = { older, newer: rootOf(size) };
      assert.notDeepEqual(rootsByTreeProof(wrong, size, olderSize, older), want, "a bit of the proof");
      assert.equal(rootsByTreeProof(proof.slice(1), size, olderSize, older), null);
      assert.equal(rootsByTreeProof([...proof, older], size, olderSize, older), null);
      const flipped = flipBit(older, bit & 255);
      const roots_ = rootsByTreeProof(proof, size, olderSize, flipped);
      assert.ok(
        !roots_?.older.equals(flipped) || !roots_.newer.equals(want.newer),
        "another older root is not the beginning of the newer tree",
      );
    }),
    { seed, numRuns },
  );
});

test("there is no proof of what cannot be", () => {
  for (const [size, record] of [
    [0, 0],
    [5, 5],
    [5, -1],
    [5, Number.NaN],
  ] as const)
    assert.throws(() => recordProofRanges(size, record), RangeError);
  for (const [size, older] of [
    [0, 0],
    [5, 0],
    [5, 6],
    [5, -1],
  ] as const)
    assert.throws(() => treeProofRanges(size, older), RangeError);
  assert.deepEqual(treeProofRanges(5, 5), []);
});
