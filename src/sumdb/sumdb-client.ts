import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import { quote } from "../gomod/quote.ts";
import { isCanonicalVersion } from "../gomod/version.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import { SharedRuns } from "../kernel/shared-runs.ts";
import { Turns } from "../kernel/turns.ts";
import type { ChecksumDatabase, ProvedHashes, SumdbOperations } from "../ports/checksum-database.ts";
import { type LookupAnswer, parseLookupAnswer } from "./lookup-answer.ts";
import { noAnswer, notInTree, tooLate, unknownVersion, type Wanted } from "./lookup-problems.ts";
import { nodesOfRange, recordHash } from "./merkle.ts";
import { type NoteVerifier, noteVerifier } from "./signed-note.ts";
import { isAbsence, isDamage, TileReader, type Way } from "./tile-reader.ts";
import type { SignedHead } from "./tree-head.ts";
import { recordProofRanges, rootByRecordProof } from "./tree-proofs.ts";
import { TrustedHead } from "./trusted-head.ts";

export interface SumdbClientOptions {
  /** The verifier key `NAME+HASH+KEY`, whose name is the name of the database. */
  readonly key: string;
  readonly operations: SumdbOperations;
  readonly clock: Clock;
  /** Told once of every fork: a security event. Never throws. */
  readonly onFork: (problem: Problem) => void;
  /** How many lookups are under way at once; the others wait. 16 where left out. */
  readonly concurrency?: number;
  /** How long a lookup may take, its turn included; 60 s where left out. */
  readonly timeoutMs?: number;
}

interface Read {
  readonly bytes: Uint8Array;
  readonly answer: LookupAnswer;
}

const defaultConcurrency = 16;
const defaultTimeoutMs = 60_000;

/** The verifying client of a checksum database. https://go.dev/design/25530-sumdb#command-client */
export class SumdbClient implements ChecksumDatabase {
  readonly #verifier: NoteVerifier;
  readonly #operations: SumdbOperations;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #tiles: TileReader;
  readonly #head: TrustedHead;
  readonly #runs = new SharedRuns<ProvedHashes>();
  readonly #turns: Turns;

  /** CONFIG_INVALID where the key is none. */
  constructor(options: SumdbClientOptions) {
    const { operations, onFork } = options;
    this.#verifier = noteVerifier(options.key);
    this.#operations = operations;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    this.#turns = new Turns(options.concurrency ?? defaultConcurrency);
    this.#tiles = new TileReader(this.name, operations);
    this.#head = new TrustedHead({
      verifier: this.#verifier,
      register: operations.trust,
      tiles: this.#tiles,
      onFork,
    });
  }

  get name(): string {
    return this.#verifier.name;
  }

  async lookup(module: string, version: string, signal: AbortSignal): Promise<ProvedHashes> {
    if (!isCanonicalVersion(version)) {
      const message = `The checksum database has canonical versions alone, and ${quote(version)} is none`;
      throw new Problem("INVALID_VERSION", message);
    }
    const path = `lookup/${escapeModulePath(module)}@${escapeVersion(version)}`;
    const wanted = { database: this.name, module, version, path };
    return this.#runs.join(path, signal, (shared) => this.#inTime(wanted, shared));
  }

  async #inTime(wanted: Wanted, signal: AbortSignal): Promise<ProvedHashes> {
    const late = new AbortController();
    const stopTimer = this.#clock.after(this.#timeoutMs, () => late.abort(tooLate(wanted, this.#timeoutMs)));
    const either = AbortSignal.any([signal, late.signal]);
    try {
      const endTurn = await this.#turns.take(either);
      try {
        return await this.#prove(wanted, either);
      } finally {
        endTurn();
      }
    } finally {
      stopTimer();
    }
  }

  /** The cache first; where what it has proves wrong whoever is near, and then the database itself. */
  async #prove(wanted: Wanted, signal: AbortSignal): Promise<ProvedHashes> {
    await this.#head.refuseAfterFork();
    let refused: Problem | null = null;
    for (const way of ["cache", "any", "database"] as const) {
      let read: Read | null;
      try {
        read = await this.#read(wanted, way, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (isAbsence(error)) throw unknownVersion(wanted, error);
        if (!isDamage(error)) throw refused ?? error;
        refused = error;
        continue;
      }
      if (read === null) continue;
      const { bytes, answer } = read;
      const latest = await this.#head.accept(answer.head, signal);
      const proof = await this.#proofOf(answer, latest, signal);
      if (proof !== null) {
        if (way !== "cache") await this.#operations.writeCached(this.#key(wanted), bytes);
        return this.#proved(wanted, { answer, latest, proof });
      }
      refused = notInTree(wanted, bytes, latest.note);
    }
    throw refused ?? new Error("no way was gone");
  }

  /** What a way has, as far as it can be judged by itself: signed, and about the version. Null: nothing is cached. */
  async #read(wanted: Wanted, way: Way, signal: AbortSignal): Promise<Read | null> {
    if (way === "cache") {
      const bytes = await this.#operations.readCached(this.#key(wanted));
      return bytes && { bytes, answer: this.#parse(wanted, bytes) };
    }
    let accepted: Read | null = null;
    const accept = (bytes: Uint8Array): void => {
      accepted = { bytes, answer: this.#parse(wanted, bytes) };
    };
    const bytes = await this.#operations.readRemote({ path: wanted.path, source: way, accept }, signal);
    // Several may have been accepted, and one of them was taken.
    return readOf(accepted, bytes) ?? { bytes, answer: this.#parse(wanted, bytes) };
  }

  #parse(wanted: Wanted, bytes: Uint8Array): LookupAnswer {
    const reading = parseLookupAnswer(bytes, wanted, this.#verifier);
    if (reading.kind === "answer") return reading.answer;
    throw noAnswer(wanted, bytes, reading.reason);
  }

  /** The proof that the record is in the tree; null where it is not. */
  async #proofOf(answer: LookupAnswer, head: SignedHead, signal: AbortSignal): Promise<readonly string[] | null> {
    const { record, text } = answer;
    if (record >= head.size) return null;
    const ranges = recordProofRanges(head.size, record);
    const leaf = { start: record, end: record + 1 };
    const tiles = await this.#tiles.read(head, [leaf, ...ranges].flatMap(nodesOfRange), signal);
    await tiles.keep();
    const proof = ranges.map((range) => tiles.rangeHash(range));
    const root = rootByRecordProof(proof, head.size, record, recordHash(text));
    return root?.equals(head.root) ? proof.map((hash) => hash.toString("base64")) : null;
  }

  #proved(
    { database, module, version }: Wanted,
    found: { readonly answer: LookupAnswer; readonly latest: SignedHead; readonly proof: readonly string[] },
  ): ProvedHashes {
    const { record, text, zip, mod } = found.answer;
    const { latest, proof } = found;
    return { database, module, version, zip, mod, record, text, head: latest.note, proof };
  }

  #key({ path }: Wanted): string {
    return `sumdb/${this.name}/${path}`;
  }
}

function readOf(accepted: Read | null, bytes: Uint8Array): Read | null {
  return accepted?.bytes === bytes ? accepted : null;
}
