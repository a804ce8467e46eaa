import { Problem } from "../kernel/problem.ts";
import type { ProvedHashes } from "../ports/checksum-database.ts";

/**
 * Throws SUMDB_MISMATCH, with all that proves the recorded hash, where a file has another one: `got` is the h1 of
 * the zip or the go.mod as it was computed here, `from` the upstream that gave the file.
 */
export function demandRecordedHash(
  proved: ProvedHashes,
  kind: "zip" | "mod",
  got: { hash: string; from: string },
): void {
  const want = proved[kind];
  if (got.hash === want) return;
  const file = `${kind === "zip" ? "the zip" : "go.mod"} of ${proved.module}@${proved.version}`;
  const message = `Upstream "${got.from}" gave ${file} with ${got.hash}, and ${proved.database} has recorded ${want}`;
  throw new Problem("SUMDB_MISMATCH", message, { evidence: { kind, got: got.hash, from: got.from, want, proved } });
}
