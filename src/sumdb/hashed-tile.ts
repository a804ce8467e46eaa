import { hashBytes, nodeHash } from "./merkle.ts";

/** The bytes of a tile with the hashes that follow from them. Whether they are right, whoever reads them has to prove. */
export class HashedTile {
  readonly bytes: Buffer;
  // Row r has the hashes r levels above the tile's own, one for each whole subtree; made when first asked for.
  #rows: readonly (readonly Buffer[])[] | null = null;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** The hash `rise` levels above the tile's own hashes, at `place` of that level; RangeError where it has none. */
  hash(rise: number, place: number): Buffer {
    this.#rows ??= rowsOf(this.bytes);
    const found = this.#rows[rise]?.[place];
    if (found === undefined) throw new RangeError(`A tile of ${this.bytes.length} bytes has no hash ${rise}/${place}`);
    return found;
  }

  /** The hash over all of a full tile. */
  get root(): Buffer {
    return this.hash(8, 0);
  }
}

function rowsOf(bytes: Buffer): Buffer[][] {
  const count = bytes.length / hashBytes;
  let row = Array.from({ length: count }, (_, at) => bytes.subarray(at * hashBytes, (at + 1) * hashBytes));
  const rows = [row];
  while (row.length > 1) {
    const below = row;
    row = Array.from({ length: Math.floor(below.length / 2) }, (_, at) => {
      const [left, right] = below.slice(at * 2, at * 2 + 2);
      if (left === undefined || right === undefined) throw new RangeError("A row has fewer hashes than it says");
      return nodeHash(left, right);
    });
    rows.push(row);
  }
  return rows;
}
