import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isTilePath } from "../gomod/tile-path.ts";
import { testSeed } from "../../test/testkit/test-seed.ts";
import { goVectors } from "../../test/testkit/vectors.ts";
import { nodesOfRange } from "./merkle.ts";
import { fullTileOf, isEdge, parentOf, placeInTile, tileBytes, tileOfNode, tilePath, tilesThatProve } from "./tile.ts";
import { recordProofRanges, treeProofRanges } from "./tree-proofs.ts";

test("tilePath names tiles as Go does", () => {
  const rows: readonly [number, number, number, string][] = goVectors("tile-name");
  for (const [level, number, width, want] of rows) {
    assert.equal(tilePath({ level, number, width }), want);
  }
});

test("tilesThatProve plans each tile once, within the tree, after the one above it, and has every node", (t) => {
  const size = fc.oneof(fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 1, max: 2 ** 45 }));
  fc.assert(
    fc.property(size, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (size, part) => {
      const record = Math.floor(size * part);
      const ranges = [...recordProofRanges(size, record), ...treeProofRanges(size, record + 1)];
      const nodes = [...ranges, { start: 0, end: record + 1 }].flatMap(nodesOfRange);
      const tiles = tilesThatProve(nodes, size);
      const paths = tiles.map(tilePath);
      assert.equal(new Set(paths).size, paths.length);
      for (const [index, tile] of tiles.entries()) {
        const path = paths[index] ?? "";
        assert.ok(isTilePath(path.slice("tile/".length)), path);
        assert.ok((tile.number * 256 + tile.width) * 256 ** tile.level <= size, `${path} is in a tree of ${size}`);
        if (isEdge(tile)) continue;
        const above = paths.indexOf(tilePath(parentOf(tile, size)));
        assert.ok(above >= 0 && above < index, `${path} stands after the one above it`);
      }
      for (const node of nodes) {
        const tile = tileOfNode(node, size);
        const { rise, place } = placeInTile(node);
        assert.ok(paths.includes(tilePath(tile)));
        assert.ok((place + 1) * 2 ** rise <= tile.width, `node ${node.level}/${node.number} in ${tilePath(tile)}`);
      }
    }),
    { seed: testSeed(t), numRuns: 2000 },
  );
});

test("fullTileOf is null for a full tile, and tileBytes counts 32 bytes a hash", () => {
  assert.deepEqual(fullTileOf({ level: 1, number: 2, width: 3 }), { level: 1, number: 2, width: 256 });
  assert.equal(fullTileOf({ level: 1, number: 2, width: 256 }), null);
  assert.equal(tileBytes({ level: 0, number: 0, width: 3 }), 96);
});
