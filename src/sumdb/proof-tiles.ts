import { nodesOfRange, type RecordRange } from "./merkle.ts";
import { tilePath, tilesThatProve } from "./tile.ts";
import { parseTreeHead } from "./tree-head.ts";
import { recordProofRanges, treeProofRanges } from "./tree-proofs.ts";

/**
 * The paths of all tiles that prove these records in the tree of `size` records, and that this tree goes on from those
 * of `olderSizes`: what a client needs that has nothing but the tree head. Sorted.
 */
export function proofTiles(
  size: number,
  { records, olderSizes }: { readonly records: readonly number[]; readonly olderSizes: readonly number[] },
): readonly string[] {
  const ranges: RecordRange[] = records.flatMap((record) => [
    { start: record, end: record + 1 },
    ...recordProofRanges(size, record),
  ]);
  for (const older of olderSizes) {
    if (older > 0 && older <= size) ranges.push({ start: 0, end: older }, ...treeProofRanges(size, older));
  }
  const paths = tilesThatProve(ranges.flatMap(nodesOfRange), size).map((tile) => tilePath(tile));
  return [...new Set(paths)].sort();
}

/** How many records the tree under a signed head has; null where the note is no tree head. Verifies nothing. */
export function sizeOfHead(note: string): number | null {
  return parseTreeHead(note)?.size ?? null;
}
