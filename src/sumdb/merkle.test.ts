import assert from "node:assert/strict";
import { test } from "node:test";
import { HashTree } from "../../test/testkit/hash-tree.ts";
import { goVectors } from "../../test/testkit/vectors.ts";
import { emptyRoot, joinHashes, middleOf, nodesOfRange, recordHash, nodeHash } from "./merkle.ts";

const roots: readonly [number, string][] = goVectors("tree-root");

test("recordHash, nodesOfRange and joinHashes give the roots that Go gives", () => {
  const hashOf = (start: number, level: number): Buffer => {
    if (level === 0) return recordHash(`record ${start}`);
    return nodeHash(hashOf(start, level - 1), hashOf(start + 2 ** (level - 1), level - 1));
  };
  for (const [size, want] of roots) {
    const nodes = nodesOfRange({ start: 0, end: size });
    const root = joinHashes(nodes.map(({ level, number }) => hashOf(number * 2 ** level, level)));
    assert.equal(root.toString("base64"), want, `${size} records`);
  }
});

test("the test database makes the same trees", () => {
  const tree = new HashTree();
  for (let number = 0; number < 5000; number++) tree.append(Buffer.from(`record ${number}`));
  for (const [size, want] of roots) {
    assert.equal(tree.root(size).toString("base64"), want, `${size} records`);
  }
});

test("nodesOfRange covers a range from left to right, also beyond 2^32", () => {
  assert.deepEqual(nodesOfRange({ start: 0, end: 0 }), []);
  assert.deepEqual(nodesOfRange({ start: 0, end: 13 }), [
    { level: 3, number: 0 },
    { level: 2, number: 2 },
    { level: 0, number: 12 },
  ]);
  for (const end of [2 ** 33 + 5, 2 ** 53 - 1, 40_123_456]) {
    let at = 0;
    for (const { level, number } of nodesOfRange({ start: 0, end })) {
      assert.equal(number * 2 ** level, at);
      at += 2 ** level;
    }
    assert.equal(at, end);
  }
});

test("middleOf parts a range after the largest power of 2 below its length, and nothing joins to emptyRoot", () => {
  assert.deepEqual(
    [2, 3, 4, 5, 8, 9, 2 ** 40 + 1].map((end) => middleOf({ start: 0, end })),
    [1, 2, 2, 4, 4, 8, 2 ** 40],
  );
  assert.equal(joinHashes([]), emptyRoot);
});
