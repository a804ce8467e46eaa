import { emptyRoot, middleOf, nodeHash, type RecordRange } from "./merkle.ts";

/** A proof: hashes of the ranges that it consists of, in their order. */
export type Proof = readonly Buffer[];

/**
 * The ranges whose hashes prove that a record is in the tree of `size` records, from the leaf up. RangeError where the
 * tree has no such record. https://www.rfc-editor.org/rfc/rfc6962#section-2.1.1
 */
export function recordProofRanges(size: number, record: number): RecordRange[] {
  if (!(record >= 0 && record < size)) throw new RangeError(`A tree of ${size} records has no record ${record}`);
  const ranges: RecordRange[] = [];
  let range = { start: 0, end: size };
  while (range.end - range.start > 1) {
    const [left, right] = halvesOf(range);
    const isLeft = record < right.start;
    ranges.push(isLeft ? right : left);
    range = isLeft ? left : right;
  }
  return ranges.reverse();
}

/** The root that the proof gives the tree where `leaf` is the hash of `record`; null where it is no such proof. */
export function rootByRecordProof(proof: Proof, size: number, record: number, leaf: Buffer): Buffer | null {
  const ranges = recordProofRanges(size, record);
  if (proof.length !== ranges.length) return null;
  let root = leaf;
  for (const [index, { start }] of ranges.entries()) {
    const beside = proof[index] ?? emptyRoot;
    root = start > record ? nodeHash(root, beside) : nodeHash(beside, root);
  }
  return root;
}

/**
 * The ranges whose hashes prove that the tree of `olderSize` records is the beginning of the tree of `size` records,
 * from the bottom up. RangeError where 0 < olderSize <= size does not hold.
 * https://www.rfc-editor.org/rfc/rfc6962#section-2.1.2
 */
export function treeProofRanges(size: number, olderSize: number): RecordRange[] {
  if (!(olderSize > 0 && olderSize <= size)) {
    throw new RangeError(`A tree of ${olderSize} records is no beginning of one of ${size}`);
  }
  const ranges: RecordRange[] = [];
  let range = { start: 0, end: size };
  while (range.end !== olderSize) {
    const [left, right] = halvesOf(range);
    const isLeft = olderSize <= left.end;
    ranges.push(isLeft ? right : left);
    range = isLeft ? left : right;
  }
  // Where it starts at 0 it is the older tree itself, whose hash is known.
  if (range.start > 0) ranges.push(range);
  return ranges.reverse();
}

/** The roots that the proof gives both trees, where `olderRoot` is the older one's; null where it is no such proof. */
export function rootsByTreeProof(
  proof: Proof,
  size: number,
  olderSize: number,
  olderRoot: Buffer,
): { readonly older: Buffer; readonly newer: Buffer } | null {
  const ranges = treeProofRanges(size, olderSize);
  if (proof.length !== ranges.length) return null;
  const hasBase = ranges[0] !== undefined && ranges[0].end === olderSize;
  const base = hasBase ? (proof[0] ?? emptyRoot) : olderRoot;
  let older = base;
  let newer = base;
  for (const [index, { start }] of ranges.entries()) {
    if (hasBase && index === 0) continue;
    const beside = proof[index] ?? emptyRoot;
    if (start < olderSize) older = nodeHash(beside, older);
    newer = start < olderSize ? nodeHash(beside, newer) : nodeHash(newer, beside);
  }
  return { older, newer };
}

function halvesOf(range: RecordRange): readonly [RecordRange, RecordRange] {
  const middle = middleOf(range);
  return [
    { start: range.start, end: middle },
    { start: middle, end: range.end },
  ];
}
