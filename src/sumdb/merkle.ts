import { createHash, hash } from "node:crypto";

/** The bytes of a hash: SHA-256. */
export const hashBytes = 32;

/** The root of the tree without records. https://www.rfc-editor.org/rfc/rfc6962#section-2.1 */
export const emptyRoot: Buffer = hash("sha256", "", "buffer");

/** The hash of a record as a leaf of the tree. https://pkg.go.dev/golang.org/x/mod/sumdb/tlog#RecordHash */
export function recordHash(record: string): Buffer {
  return createHash("sha256").update("\u0000").update(record).digest();
}

/** The hash over two subtrees side by side. https://pkg.go.dev/golang.org/x/mod/sumdb/tlog#NodeHash */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  const both = Buffer.allocUnsafe(1 + 2 * hashBytes);
  both[0] = 1;
  both.set(left, 1);
  both.set(right, 1 + hashBytes);
  return hash("sha256", both, "buffer");
}

/** A node of the tree: it stands over the 2^level records from number × 2^level on. */
export interface TreeNode {
  readonly level: number;
  readonly number: number;
}

/** The records from `start` up to but without `end`. */
export interface RecordRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The whole subtrees that cover a range, from left to right, each as large as can be. The range must be one that a
 * tree or a proof has: its start is a multiple of the largest power of 2 that fits into it.
 */
export function nodesOfRange({ start, end }: RecordRange): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let at = start; at < end;) {
    let level = 0;
    while (2 ** (level + 1) <= end - at) level++;
    nodes.push({ level, number: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** The hash over subtrees that stand side by side, as nodesOfRange() orders them; emptyRoot where there are none. */
export function joinHashes(hashes: readonly Buffer[]): Buffer {
  let joined = hashes.at(-1) ?? emptyRoot;
  for (const left of hashes.slice(0, -1).reverse()) joined = nodeHash(left, joined);
  return joined;
}

/** Where a range of at least two records parts into its left and right subtree. */
export function middleOf({ start, end }: RecordRange): number {
  let half = 1;
  while (half * 2 < end - start) half *= 2;
  return start + half;
}
