import { joinHashes, nodeHash, nodesOfRange, recordHash, type TreeNode } from "../sumdb/merkle.ts";

/** A Merkle tree over a few records. Hashes nothing ahead, so it is for tens of records, not for millions. */
export class RecordTree {
  readonly #records: string[] = [];

  get records(): readonly string[] {
    return this.#records;
  }

  /** Adds a record as the last leaf and gives its number. */
  append(record: string): number {
    return this.#records.push(record) - 1;
  }

  /** The hash over all records. https://www.rfc-editor.org/rfc/rfc6962#section-2.1 */
  root(): Buffer {
    const nodes = nodesOfRange({ start: 0, end: this.#records.length });
    return joinHashes(nodes.map((node) => this.#hashOf(node)));
  }

  /**
   * The hashes of a tile of height 8, `width` of them from number × 256 on; null where the tree has not that many.
   * https://pkg.go.dev/golang.org/x/mod/sumdb/tlog#Tile
   */
  tile(level: number, number: number, width: number): Buffer | null {
    const covered = 2 ** (level * 8);
    const first = number * 256;
    if ((first + width) * covered > this.#records.length) return null;
    const nodes = Array.from({ length: width }, (_, index) => ({ level: level * 8, number: first + index }));
    return Buffer.concat(nodes.map((node) => this.#hashOf(node)));
  }

  #hashOf({ level, number }: TreeNode): Buffer {
    if (level === 0) return recordHash(this.#records[number] ?? "");
    const left = this.#hashOf({ level: level - 1, number: number * 2 });
    return nodeHash(left, this.#hashOf({ level: level - 1, number: number * 2 + 1 }));
  }
}
