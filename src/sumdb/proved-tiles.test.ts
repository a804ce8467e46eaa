import assert from "node:assert/strict";
import { test } from "node:test";
import { flipBit } from "../../test/testkit/flip-bit.ts";
import { runsOf } from "../../test/testkit/test-seed.ts";
import { HashTree } from "../../test/testkit/hash-tree.ts";
import { HashedTile } from "./hashed-tile.ts";
import { nodesOfRange, recordHash } from "./merkle.ts";
import { proveTiles } from "./proved-tiles.ts";
import { tilePath, tilesThatProve } from "./tile.ts";

const tree = new HashTree();
for (let number = 0; number < 70_000; number++) tree.append(Buffer.from(`record ${number}`));

function tilesOf(size: number, record: number) {
  const tiles = tilesThatProve(nodesOfRange({ start: record, end: record + 1 }), size);
  const bytes = new Map(
    tiles.map((tile) => {
      const found = tree.tile(tilePath(tile).slice("tile/8/".length)) ?? assert.fail(tilePath(tile));
      return [tilePath(tile), found];
    }),
  );
  return { tiles, bytes };
}

const hashed = (bytes: ReadonlyMap<string, Buffer>): Map<string, HashedTile> =>
  new Map([...bytes].map(([path, tile]) => [path, new HashedTile(tile)]));

test("proveTiles gives the hashes of records and ranges of trees of any size", () => {
  for (const size of [1, 2, 255, 256, 257, 512, 1000, 65_535, 65_536, 65_537, 70_000]) {
    for (const record of [0, Math.floor(size / 3), size - 1]) {
      const { tiles, bytes } = tilesOf(size, record);
      const proved = proveTiles({ size, root: tree.root(size) }, tiles, hashed(bytes));
      assert.deepEqual(proved?.nodeHash({ level: 0, number: record }), recordHash(`record ${record}`));
      assert.deepEqual(proved?.rangeHash({ start: 0, end: size }), tree.root(size));
    }
  }
});

test("proveTiles refuses tiles with a single bit turned over, wherever it is", () => {
  // Two edge tiles and, for the record, a full tile of each of two levels.
  const { tiles, bytes } = tilesOf(65_536 + 600, 300);
  assert.deepEqual([...bytes.keys()].sort(), [
    "tile/8/0/001",
    "tile/8/0/258.p/88",
    "tile/8/1/000",
    "tile/8/1/001.p/2",
    "tile/8/2/000.p/1",
  ]);
  const head = { size: 65_536 + 600, root: tree.root(65_536 + 600) };
  assert.notEqual(proveTiles(head, tiles, hashed(bytes)), null);
  const right = hashed(bytes);
  let flips = 0;
  for (const [path, tile] of bytes) {
    for (let bit = 0; bit < tile.length * 8; bit += runsOf({ usual: 151, deep: 7 })) {
      const wrong = new Map([...right, [path, new HashedTile(flipBit(tile, bit))]]);
      assert.equal(proveTiles(head, tiles, wrong), null, `bit ${bit} of ${path}`);
      flips++;
    }
  }
  assert.ok(flips > 1000);
  for (let bit = 0; bit < 256; bit++) {
    const other = { ...head, root: flipBit(head.root, bit) };
    assert.equal(proveTiles(other, tiles, right), null, `bit ${bit} of the root`);
  }
});

test("proveTiles refuses tiles that have changed places, and those of another size of the tree", () => {
  const { tiles, bytes } = tilesOf(1000, 0);
  const head = { size: 1000, root: tree.root(1000) };
  const swapped = new Map([...bytes, ["tile/8/0/000", tree.tile("0/001") ?? assert.fail()]]);
  assert.equal(proveTiles(head, tiles, hashed(swapped)), null);
  assert.equal(proveTiles({ ...head, root: tree.root(999) }, tiles, hashed(bytes)), null);
});

test("HashedTile has no hash beyond its width", () => {
  const tile = new HashedTile(Buffer.alloc(3 * 32));
  assert.doesNotThrow(() => tile.hash(1, 0));
  assert.throws(() => tile.hash(0, 3), RangeError);
  assert.throws(() => tile.hash(1, 1), RangeError);
  assert.throws(() => tile.root, RangeError);
});
