import { hashBytes, nodeHash } from "./merkle.ts";

/** The bytes of a tile with the hashes that follow from them. Whether they are right, whoever reads them has to prove. */
export class HashedTile {
  readonly bytes: Buffer;
  // Row r has the hashes r levels above the tile's own, one after the other; made when first asked for.
  #rows: readonly Buffer[] | null = null;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** The hash `rise` levels above the tile's own hashes, at `place` of that level; RangeError where it has none. */
  hash(rise: number, place: number): Buffer {
    this.#rows ??= rowsOf(this.bytes);
    const found = this.#rows[rise]?.subarray(place * hashBytes, (place + 1) * hashBytes);
    if (found?.length !== hashBytes) {
      throw new RangeError(`A tile of ${this.bytes.length} bytes has no hash ${rise}/${place}`);
    }
    return found;
  }

  /** The hash over all of a full tile. */
  get root(): Buffer {
    return this.hash(8, 0);
  }
}

function rowsOf(bytes: Buffer): Buffer[] {
  const rows = [bytes];
  for (let row = bytes; row.length > hashBytes;) {
    const below = row;
    row = Buffer.allocUnsafeSlow(Math.floor(below.length / (2 * hashBytes)) * hashBytes);
    for (let at = 0; at < row.length; at += hashBytes) {
      const middle = 2 * at + hashBytes;
      row.set(nodeHash(below.subarray(2 * at, middle), below.subarray(middle, middle + hashBytes)), at);
    }
    rows.push(row);
  }
  return rows;
}
