import { Problem } from "../kernel/problem.ts";
import type { ForkEvidence, KeptAnswer } from "../ports/checksum-database.ts";
import type { Register } from "../ports/register.ts";
import type { FileKey } from "../ports/store.ts";
import { faultOfForkEvidence } from "./fork-evidence.ts";
import type { NoteVerifier } from "./signed-note.ts";
import { openTreeHead, type SignedHead } from "./tree-head.ts";
import { loadTrust, type Trust } from "./trust.ts";

/** What a data folder keeps of one checksum database. */
export interface KeptDatabase {
  readonly verifier: NoteVerifier;
  readonly trust: Register;
  /** What the cache has of it, in no set order. */
  answers(signal: AbortSignal): AsyncIterable<KeptAnswer>;
  /** Null where there is nothing under the key. */
  read(key: FileKey): Promise<Uint8Array | null>;
  remove(key: FileKey): Promise<void>;
}

/** A signed tree head as people compare it. */
export interface ShownHead {
  /** Records; null where the note is no tree head that the database has signed. */
  readonly size: number | null;
  /** The root hash in base64. */
  readonly root: string | null;
  /** The signed note itself. */
  readonly note: string;
}

/** What is known of a database here, without a network. */
export interface DatabaseStatus {
  readonly name: string;
  /** The verifier key, as GOSUMDB has it. */
  readonly key: string;
  /** The head that everything must be consistent with; null before the first. */
  readonly head: ShownHead | null;
  /** When it last moved on, RFC 3339; null where that is not known. */
  readonly movedAt: string | null;
  readonly lookups: number;
  readonly tiles: number;
  readonly fork: ShownFork | null;
  /** Why nothing of it can be believed though no fork is known; null where that is not so. */
  readonly trouble: string | null;
}

/** The evidence of a fork, with its heads opened. */
export interface ShownFork {
  readonly older: ShownHead;
  readonly newer: ShownHead;
  readonly evidence: ForkEvidence;
  /** What is missing in the proof; null where anybody with the key can check it. */
  readonly fault: string | null;
}

/** Looks at what is kept of a database, whose verifier key is `key`. STORE_FAILED where it can't be read. */
export async function statusOf(database: KeptDatabase, key: string, signal: AbortSignal): Promise<DatabaseStatus> {
  const { name } = database.verifier;
  let trust: Trust = { head: null, movedAtMs: null, fork: null };
  let trouble: string | null = null;
  try {
    trust = await loadTrust(database.trust, name);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "SUMDB_DAMAGED") throw error;
    trouble = error.message;
  }
  const head = trust.head === null ? null : showHead(trust.head, database.verifier);
  if (head !== null && head.size === null) trouble = "The tree head that is kept is not signed by this key";
  const counts = { lookups: 0, tiles: 0 };
  for await (const { op } of database.answers(signal)) {
    if (op === "lookup") counts.lookups++;
    else if (op === "tile") counts.tiles++;
  }
  const movedAt = trust.movedAtMs === null ? null : new Date(trust.movedAtMs).toISOString();
  const fork = trust.fork === null ? null : showFork(trust.fork, database.verifier);
  return { name, key, head, movedAt, ...counts, fork, trouble };
}

/** The trusted head; null before the first. SUMDB_DAMAGED where what is kept can't be read or verified. */
export async function trustedHeadOf({ trust, verifier }: KeptDatabase): Promise<SignedHead | null> {
  const { head } = await loadTrust(trust, verifier.name);
  if (head === null) return null;
  const reading = openTreeHead(head, verifier);
  if (reading.kind === "head") return reading.head;
  throw new Problem("SUMDB_DAMAGED", `The tree head that is kept of ${verifier.name} ${reading.reason}`, {
    hint: `modgate sumdb reset ${verifier.name} begins anew`,
    evidence: { database: verifier.name, head },
  });
}

function showHead(note: string, verifier: NoteVerifier): ShownHead {
  const reading = openTreeHead(note, verifier);
  if (reading.kind === "fault") return { size: null, root: null, note };
  return { size: reading.head.size, root: reading.head.root.toString("base64"), note };
}

function showFork(evidence: ForkEvidence, verifier: NoteVerifier): ShownFork {
  return {
    older: showHead(evidence.older, verifier),
    newer: showHead(evidence.newer, verifier),
    evidence,
    fault: faultOfForkEvidence(evidence, verifier),
  };
}
