import { parseTilePath } from "../gomod/tile-path.ts";
import { fullTileOf, type Tile, tileHeight, tilePath } from "./tile.ts";

/** A tile as a client asks for it. */
export interface AskedTile {
  /** `records`: not the hashes of the tile, but the records that they are of. Then its level is 0. */
  readonly holds: "hashes" | "records";
  readonly tile: Tile;
}

/** Reads `tile/8/LEVEL/NUMBER[.p/WIDTH]`; null for another height and for what no tree of 2^53 records can have. */
export function parseAskedTile(path: string): AskedTile | null {
  const name = path.startsWith("tile/") ? parseTilePath(path.slice("tile/".length)) : null;
  if (name === null || name.height !== tileHeight || !Number.isSafeInteger(name.number)) return null;
  const { level, number, width } = name;
  return level === "data"
    ? { holds: "records", tile: { level: 0, number, width } }
    : { holds: "hashes", tile: { level, number, width } };
}

/** The path that parseAskedTile() reads. */
export function askedPath({ holds, tile }: AskedTile): string {
  const path = tilePath(tile);
  return holds === "hashes" ? path : path.replace(`tile/${tileHeight}/0/`, `tile/${tileHeight}/data/`);
}

/** What stands in for a partial one once the tree has outgrown it; null for one that is full. */
export function fullAskedOf({ holds, tile }: AskedTile): AskedTile | null {
  const full = fullTileOf(tile);
  return full && { holds, tile: full };
}

/** How many records a tree must have for this tile to be in it. */
export function recordsUnder({ level, number, width }: Tile): number {
  return (number * 2 ** tileHeight + width) * 2 ** (tileHeight * level);
}
