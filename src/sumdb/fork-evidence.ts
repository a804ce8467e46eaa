import type { ForkEvidence } from "../ports/checksum-database.ts";
import { emptyRoot } from "./merkle.ts";
import type { NoteVerifier } from "./signed-note.ts";
import { openTreeHead } from "./tree-head.ts";
import { rootsByTreeProof } from "./tree-proofs.ts";

/**
 * Checks the evidence of a fork without a network, as anybody can who has the key of the database: both heads are
 * signed, and the newer tree is proved to begin otherwise than the older head says. Null where it is proved, else
 * what is missing.
 */
export function faultOfForkEvidence(evidence: ForkEvidence, verifier: NoteVerifier): string | null {
  const older = openTreeHead(evidence.older, verifier);
  const newer = openTreeHead(evidence.newer, verifier);
  if (older.kind === "fault") return `the older tree head ${older.reason}`;
  if (newer.kind === "fault") return `the newer tree head ${newer.reason}`;
  const root = Buffer.from(evidence.rootInNewer, "base64");
  if (older.head.size > newer.head.size) return "the older tree has more records than the newer one";
  if (older.head.root.equals(root)) return "the newer tree begins as the older one says";
  if (older.head.size === 0) return root.equals(emptyRoot) ? null : "the tree without records has one root alone";
  const proof = evidence.proof.map((hash) => Buffer.from(hash, "base64"));
  const roots = rootsByTreeProof(proof, newer.head.size, older.head.size, root);
  const isProved = roots !== null && roots.older.equals(root) && roots.newer.equals(newer.head.root);
  return isProved ? null : "the proof does not lead to the newer tree";
}
