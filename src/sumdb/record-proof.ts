import type { LookupAnswer } from "./lookup-answer.ts";
import { nodesOfRange, recordHash } from "./merkle.ts";
import type { TileReader } from "./tile-reader.ts";
import type { SignedHead } from "./tree-head.ts";
import { recordProofRanges, rootByRecordProof } from "./tree-proofs.ts";

/**
 * The proof that the answer's record is in the tree under `head`, in base64; null where it is not. Keeps the tiles that
 * it takes. Rejects as TileReader.read() does.
 */
export async function proveRecord(
  tiles: TileReader,
  { record, text }: LookupAnswer,
  { head, signal }: { readonly head: SignedHead; readonly signal: AbortSignal },
): Promise<readonly string[] | null> {
  if (record >= head.size) return null;
  const ranges = recordProofRanges(head.size, record);
  const leaf = { start: record, end: record + 1 };
  const read = await tiles.read(head, [leaf, ...ranges].flatMap(nodesOfRange), signal);
  await read.keep();
  const proof = ranges.map((range) => read.rangeHash(range));
  const root = rootByRecordProof(proof, head.size, record, recordHash(text));
  return root?.equals(head.root) ? proof.map((hash) => hash.toString("base64")) : null;
}
