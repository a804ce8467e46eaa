import assert from "node:assert/strict";
import { test } from "node:test";
import { HashTree } from "../../test/testkit/hash-tree.ts";
import { RecordTree } from "./record-tree.ts";

test("RecordTree has the roots and tiles of any other tree over the same records", () => {
  const tree = new RecordTree();
  const other = new HashTree();
  for (let size = 1; size <= 600; size++) {
    tree.append(`record ${size}\n`);
    other.append(Buffer.from(`record ${size}\n`));
    if (size % 50 > 1 && size !== 256) continue;
    assert.deepEqual(tree.root(), other.root(), `${size} records`);
    assert.deepEqual(tree.tile(0, 0, Math.min(size, 256)), other.tile(size < 256 ? `0/000.p/${size}` : "0/000"));
    assert.deepEqual(tree.tile(1, 0, 1), other.tile("1/000.p/1"));
  }
  assert.equal(tree.tile(0, 2, 89), null, "wider than the tree");
});
