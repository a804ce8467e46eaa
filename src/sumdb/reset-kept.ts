import { Problem } from "../kernel/problem.ts";
import type { DatabaseStatus, KeptDatabase, ShownHead } from "./kept-database.ts";
import { openTreeHead } from "./tree-head.ts";
import { resetTrust } from "./trust.ts";
import { verifyKept } from "./verify-kept.ts";

export interface KeptReset {
  /** The head that is trusted from here on; null: the first that comes. */
  readonly head: ShownHead | null;
  /** Cached answers taken out: all that the head does not prove. */
  readonly removed: number;
}

export interface ResetOptions {
  /** The head of the fork to go on from; null: the first that comes. */
  readonly from: "older" | "newer" | null;
  /** When the head that is chosen begins to be trusted, in milliseconds since 1970. */
  readonly atMs: number;
  /** Waits until no running gateway serves what was taken out of the cache. */
  readonly settle: () => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Forgets the trusted head and the fork of a database, and takes those answers out of the cache that do not follow from
 * the head that is trusted from here on: one of the fork's two where `from` names it, else none. USAGE where it names
 * one and there is no fork. Answers first, so that a kill in between leaves nothing believed that is not proved.
 */
export async function resetKept(
  database: KeptDatabase,
  before: DatabaseStatus,
  { from, atMs, settle, signal }: ResetOptions,
): Promise<KeptReset> {
  const head = from === null ? null : (before.fork?.[from] ?? null);
  if (from !== null && head === null) {
    throw new Problem("USAGE", `${before.name} has not forked, so there is no ${from} head to go on from`, {
      hint: `modgate sumdb reset ${before.name} goes on from the first head that comes`,
    });
  }
  const reading = head === null ? null : openTreeHead(head.note, database.verifier);
  const trusted = reading?.kind === "head" ? reading.head : null;
  const unproved: string[] = [];
  if (trusted === null) {
    for await (const { key } of database.answers(signal)) unproved.push(key);
  } else {
    const { findings } = await verifyKept(database, trusted, { signal });
    unproved.push(...findings.map(({ key }) => key));
  }
  for (const key of unproved) await database.remove(key);
  await settle();
  await resetTrust(database.trust, { head: trusted?.note ?? null, movedAtMs: trusted === null ? null : atMs });
  return { head: trusted === null ? null : head, removed: unproved.length };
}
