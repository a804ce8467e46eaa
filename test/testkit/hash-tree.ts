import { createHash } from "node:crypto";

const tileHeight = 8;

/** A growing Merkle tree with its tiles. https://pkg.go.dev/golang.org/x/mod/sumdb/tlog */
export class HashTree {
  // levels[l][n] is the hash of the whole subtree over records n·2^l up to (n+1)·2^l.
  #levels: Buffer[][] = [[]];

  get size(): number {
    return this.#levels[0]?.length ?? 0;
  }

  /** Adds a record as the last leaf. */
  append(record: Uint8Array): void {
    let hash = sha256([0], record);
    for (let level = 0; ; level++) {
      const row = (this.#levels[level] ??= []);
      row.push(hash);
      if (row.length % 2 === 1) return;
      hash = sha256([1], row[row.length - 2], hash);
    }
  }

  /** The hash of the tree over the first `size` records. */
  root(size = this.size): Buffer {
    if (size === 0) return createHash("sha256").digest();
    let root: Buffer | null = null;
    let end = size;
    // Whole subtrees from the smallest, which stands at the right, to the largest.
    for (let level = 0; end > 0; level++, end = Math.floor(end / 2)) {
      if (end % 2 === 0) continue;
      const subtree = this.#levels[level]?.[end - 1];
      if (!subtree) throw new Error(`The tree has ${this.size} records, not ${size}`);
      root = root === null ? subtree : sha256([1], subtree, root);
    }
    return root ?? Buffer.alloc(32);
  }

  /** The hashes of a tile below `tile/8/`, such as `0/001` or `1/000.p/1`; null where the tree has no such tile. */
  tile(path: string): Buffer | null {
    const match = /^([0-9]+)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]+))?$/.exec(path);
    if (!match) return null;
    const [, level = "", number = "", width = String(1 << tileHeight)] = match;
    const row = this.#levels[Number(level) * tileHeight] ?? [];
    const start = tileNumber(number) << tileHeight;
    const hashes = row.slice(start, start + Number(width));
    return hashes.length === Number(width) && hashes.length > 0 ? Buffer.concat(hashes) : null;
  }
}

/** The number of a tile or record block written as `x001/234`. */
export function tileNumber(path: string): number {
  return Number(path.replace(/[x/]/g, ""));
}

function sha256(...parts: (Uint8Array | number[] | undefined)[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(Uint8Array.from(part ?? []));
  return hash.digest();
}
