import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import { quote } from "../gomod/quote.ts";
import { isCanonicalVersion } from "../gomod/version.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import { SharedRuns } from "../kernel/shared-runs.ts";
import type { ChecksumDatabase, ProvedHashes, SumdbOperations } from "../ports/checksum-database.ts";
import { LatestHead } from "./latest-head.ts";
import { type LookupAnswer, parseLookupAnswer } from "./lookup-answer.ts";
import { noAnswer, notInTree, unknownVersion, type Wanted } from "./lookup-problems.ts";
import { proveRecord } from "./record-proof.ts";
import { type NoteVerifier, noteVerifier } from "./signed-note.ts";
import { TileProver } from "./tile-prover.ts";
import { isAbsence, isDamage, TileReader, type Way } from "./tile-reader.ts";
import { TimedTurns } from "./timed-turns.ts";
import type { SignedHead } from "./tree-head.ts";
import { TrustedHead } from "./trusted-head.ts";

export interface SumdbClientOptions {
  /** The verifier key `NAME+HASH+KEY`, whose name is the name of the database. */
  readonly key: string;
  readonly operations: SumdbOperations;
  readonly clock: Clock;
  /** Told once of every fork: a security event. Never throws. */
  readonly onFork: (problem: Problem) => void;
  /** How many questions are under way at once; the others wait. 16 where left out. */
  readonly concurrency?: number;
  /** How long one may take, its turn included; 60 s where left out. */
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
  readonly #tiles: TileReader;
  readonly #head: TrustedHead;
  readonly #latest: LatestHead;
  readonly #tileProver: TileProver;
  readonly #lookups = new SharedRuns<ProvedHashes>();
  readonly #answers = new SharedRuns<Buffer>();
  readonly #turns: TimedTurns;

  /** CONFIG_INVALID where the key is none. */
  constructor(options: SumdbClientOptions) {
    const { operations, clock, onFork } = options;
    const { concurrency = defaultConcurrency, timeoutMs = defaultTimeoutMs } = options;
    const verifier = noteVerifier(options.key);
    const { name } = verifier;
    const tiles = new TileReader(name, operations);
    this.#verifier = verifier;
    this.#operations = operations;
    this.#turns = new TimedTurns({ database: name, clock, concurrency, timeoutMs });
    this.#tiles = tiles;
    this.#head = new TrustedHead({ verifier, register: operations.trust, tiles, clock, onFork });
    this.#latest = new LatestHead({ verifier, operations, trusted: this.#head });
    this.#tileProver = new TileProver({ name, operations, tiles, head: this.#latest });
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
    return this.#lookups.join(path, signal, (shared) =>
      this.#turns.run(`${module}@${version}`, shared, (until) => this.#prove(wanted, until)),
    );
  }

  async tile(path: string, signal: AbortSignal): Promise<Buffer> {
    return this.#answers.join(path, signal, (shared) =>
      this.#turns.run(path, shared, (until) => this.#tileProver.prove(path, until)),
    );
  }

  async latest(signal: AbortSignal): Promise<Buffer> {
    return this.#answers.join("latest", signal, (shared) =>
      this.#turns.run("latest", shared, async (until) => Buffer.from((await this.#latest.ask(until)).note)),
    );
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
      const proof = await proveRecord(this.#tiles, answer, { head: latest, signal });
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
