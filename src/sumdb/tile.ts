import { hashBytes, nodesOfRange, type TreeNode } from "./merkle.ts";

/** The height of the tiles that `go` and this program read: a full one has 2^8 hashes. */
export const tileHeight = 8;
const height = tileHeight;
const fullWidth = 2 ** height;

/**
 * Hashes of one level of the tree, `width` of them from number × 256 on: level 0 has those of the records, level 1
 * those over 256 records each. A tile of fewer than 256 is partial: the tree ends in it.
 * https://pkg.go.dev/golang.org/x/mod/sumdb/tlog#Tile
 */
export interface Tile {
  readonly level: number;
  readonly number: number;
  readonly width: number;
}

/** Where the database and its caches have the tile: `tile/8/LEVEL/NUMBER[.p/WIDTH]`, NUMBER as x001/x234/567. */
export function tilePath({ level, number, width }: Tile): string {
  const groups: string[] = [];
  for (let rest = number; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`${groups.length === 0 ? "" : "x"}${String(rest % 1000).padStart(3, "0")}`);
  }
  const partial = width === fullWidth ? "" : `.p/${width}`;
  return `tile/${height}/${level}/${groups.join("/")}${partial}`;
}

/** The tile as it will be once the tree has outgrown it; null for one that is full. */
export function fullTileOf(tile: Tile): Tile | null {
  return isEdge(tile) ? { ...tile, width: fullWidth } : null;
}

/** How many bytes the tile has. */
export function tileBytes({ width }: Tile): number {
  return width * hashBytes;
}

/** The tile that has a node, as wide as the tree of `size` records makes it. The node must be in that tree. */
export function tileOfNode({ level, number }: TreeNode, size: number): Tile {
  const tileLevel = Math.floor(level / height);
  const first = number * 2 ** (level % height);
  return tileInTree(tileLevel, Math.floor(first / fullWidth), size);
}

/** The tile above, which has the hash over the whole of this one; this one must be full. */
export function parentOf({ level, number }: Tile, size: number): Tile {
  return tileInTree(level + 1, Math.floor(number / fullWidth), size);
}

/** The place of a full tile's hash in the tile above. */
export function placeInParent({ number }: Tile): number {
  return number % fullWidth;
}

/** Where a node stands in its tile: how many levels above the tile's own hashes, and its number on that level. */
export function placeInTile({ level, number }: TreeNode): { readonly rise: number; readonly place: number } {
  const rise = level % height;
  return { rise, place: number % 2 ** (height - rise) };
}

/** True for a tile that the tree ends in: its hashes make up the root together with those of the other such tiles. */
export function isEdge({ width }: Tile): boolean {
  return width < fullWidth;
}

/**
 * The tiles that prove these nodes of the tree of `size` records: first those at its edge, then the others, each
 * after the one above it.
 */
export function tilesThatProve(nodes: readonly TreeNode[], size: number): Tile[] {
  const planned = new Map<string, Tile>();
  const plan = (tile: Tile): void => {
    const path = tilePath(tile);
    if (planned.has(path)) return;
    if (!isEdge(tile)) plan(parentOf(tile, size));
    planned.set(path, tile);
  };
  for (const node of [...nodesOfRange({ start: 0, end: size }), ...nodes]) plan(tileOfNode(node, size));
  return [...planned.values()];
}

function tileInTree(level: number, number: number, size: number): Tile {
  const hashes = Math.floor(size / fullWidth ** level);
  return { level, number, width: Math.min(fullWidth, hashes - number * fullWidth) };
}
