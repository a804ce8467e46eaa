import type { HashedTile } from "./hashed-tile.ts";
import { joinHashes, nodesOfRange, type RecordRange, type TreeNode } from "./merkle.ts";
import { isEdge, parentOf, placeInParent, placeInTile, type Tile, tileOfNode, tilePath } from "./tile.ts";
import type { TreeHead } from "./tree-head.ts";

/** Tiles by their path. */
export type TilesByPath = ReadonlyMap<string, HashedTile>;

/** Tiles of which proveTiles() has found that the signed root follows from them. */
export interface ProvedTiles {
  /** The hash of a node; RangeError where the tiles do not have it. */
  nodeHash(node: TreeNode): Buffer;
  /** The hash over a range of records that a tree or a proof has. */
  rangeHash(range: RecordRange): Buffer;
}

/**
 * Proves tiles, planned by tilesThatProve(), against the head of a tree: those at its edge make up the root, every
 * other stands with its hash in the one above it. Null where they do not, so nothing of them may be used or kept.
 * https://research.swtch.com/tlog#authenticating_tiles
 */
export function proveTiles(head: TreeHead, tiles: readonly Tile[], bytes: TilesByPath): ProvedTiles | null {
  const { size, root } = head;
  const found = (tile: Tile): HashedTile => {
    const hashed = bytes.get(tilePath(tile));
    if (hashed === undefined) throw new RangeError(`${tilePath(tile)} was not read`);
    return hashed;
  };
  const nodeHash = (node: TreeNode): Buffer => {
    const { rise, place } = placeInTile(node);
    return found(tileOfNode(node, size)).hash(rise, place);
  };
  const rangeHash = (range: RecordRange): Buffer => joinHashes(nodesOfRange(range).map(nodeHash));
  if (!rangeHash({ start: 0, end: size }).equals(root)) return null;
  for (const tile of tiles.filter((other) => !isEdge(other))) {
    if (!found(parentOf(tile, size)).hash(0, placeInParent(tile)).equals(found(tile).root)) return null;
  }
  return { nodeHash, rangeHash };
}
