import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { ForkEvidence } from "../ports/checksum-database.ts";
import type { Register } from "../ports/register.ts";
import { emptyRoot, nodesOfRange, type RecordRange } from "./merkle.ts";
import type { NoteVerifier } from "./signed-note.ts";
import { isDamage, type ReadTiles, type TileReader } from "./tile-reader.ts";
import { openTreeHead, type SignedHead } from "./tree-head.ts";
import { treeProofRanges } from "./tree-proofs.ts";
import { type LoadedTrust, loadTrust, swapTrust } from "./trust.ts";

interface Parts {
  readonly verifier: NoteVerifier;
  readonly register: Register;
  readonly tiles: TileReader;
  readonly clock: Clock;
  /** Told once of every fork, found here or by another process: a security event. */
  readonly onFork: (problem: Problem) => void;
}

/** The latest tree head of a database, which every other must be consistent with. Nothing of it is kept in memory. */
export class TrustedHead {
  readonly #parts: Parts;
  // The last one verified, so that the same note is not verified for every lookup.
  #opened: SignedHead | null = null;
  #reported: string | null = null;
  // A fork that could not be written down holds as long as this process.
  #unwritten: ForkEvidence | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Rejects with SUMDB_FORK where a fork was found, until resetTrust(). */
  async refuseAfterFork(): Promise<void> {
    await this.#load();
  }

  /** The latest head; null before the first. SUMDB_FORK where a fork was found, SUMDB_DAMAGED where it can't be read. */
  async known(): Promise<SignedHead | null> {
    const { head } = await this.#load();
    return head === null ? null : this.#open(head);
  }

  /**
   * Takes a signed head in, and gives the latest: that one, or the one known where it has more records. A head of
   * fewer records is fine where its tree is the beginning of the known one. Rejects with SUMDB_FORK where it is not.
   */
  async accept(offered: SignedHead, signal: AbortSignal): Promise<SignedHead> {
    for (;;) {
      signal.throwIfAborted();
      const trust = await this.#load();
      const known = trust.head === null ? null : this.#open(trust.head);
      if (known && offered.size <= known.size) {
        const tiles = await this.#compare(trust, offered, known, signal);
        await tiles?.keep();
        return known;
      }
      const tiles = await this.#compare(trust, known, offered, signal);
      const moved = { head: offered.note, movedAtMs: this.#parts.clock.now(), fork: null };
      if (await swapTrust(this.#parts.register, trust, moved)) {
        await tiles?.keep();
        return offered;
      }
    }
  }

  /** Proves that the older tree is the beginning of the newer one; null where they are the same. */
  async #compare(
    trust: LoadedTrust,
    older: SignedHead | null,
    newer: SignedHead,
    signal: AbortSignal,
  ): Promise<ReadTiles | null> {
    if (older?.size === newer.size) {
      if (older.root.equals(newer.root)) return null;
      return this.#fork(trust, { older, newer, root: newer.root, proof: [] });
    }
    const size = older?.size ?? 0;
    const ranges = [{ start: 0, end: size }, ...(size > 0 ? treeProofRanges(newer.size, size) : [])];
    const tiles = await this.#parts.tiles.read(newer, ranges.flatMap(nodesOfRange), signal).catch((error: unknown) => {
      throw older && isDamage(error) ? this.#unshown(older, newer, error) : error;
    });
    const [root = emptyRoot, ...proof] = ranges.map((range: RecordRange) => tiles.rangeHash(range));
    if (older === null || older.root.equals(root)) return tiles;
    return this.#fork(trust, { older, newer, root, proof });
  }

  /** Neither a fork nor none is proved: whoever answered may be behind, or hide the other history. */
  #unshown(older: SignedHead, newer: SignedHead, cause: Problem): Problem {
    const { name } = this.#parts.verifier;
    const message = `Nobody shows that the tree of ${newer.size} records of ${name} goes on from that of ${older.size}`;
    return new Problem("SUMDB_DAMAGED", `${message}: ${cause.message}`, {
      hint: "whoever was asked may be behind: try again; the evidence has both signed tree heads",
      tried: cause.tried,
      evidence: { ...cause.evidence, older: older.note, newer: newer.note },
      cause,
    });
  }

  async #load(): Promise<LoadedTrust> {
    const { register, verifier } = this.#parts;
    if (this.#unwritten) throw this.#problemOf(this.#unwritten);
    const trust = await loadTrust(register, verifier.name);
    if (trust.fork) throw this.#problemOf(trust.fork);
    // After a reset the same fork is news again.
    this.#reported = null;
    return trust;
  }

  #open(note: string): SignedHead {
    if (this.#opened?.note === note) return this.#opened;
    const { verifier } = this.#parts;
    const reading = openTreeHead(note, verifier);
    if (reading.kind === "head") return (this.#opened = reading.head);
    throw new Problem("SUMDB_DAMAGED", `The tree head that is kept of ${verifier.name} ${reading.reason}`, {
      hint: `restore the data folder, or forget the tree head and start anew: modgate sumdb reset ${verifier.name}`,
      evidence: { database: verifier.name, head: note },
    });
  }

  /** Writes the fork down before anything else, so that no process looks anything up after it. */
  async #fork(
    trust: LoadedTrust,
    found: {
      readonly older: SignedHead;
      readonly newer: SignedHead;
      readonly root: Buffer;
      readonly proof: readonly Buffer[];
    },
  ): Promise<never> {
    const { register, verifier } = this.#parts;
    const evidence: ForkEvidence = {
      database: verifier.name,
      older: found.older.note,
      newer: found.newer.note,
      rootInNewer: found.root.toString("base64"),
      proof: found.proof.map((hash) => hash.toString("base64")),
    };
    try {
      // A head that others have swapped in meanwhile stays: the operator will want to see it.
      for (let latest = trust; !(await swapTrust(register, latest, { ...latest, fork: evidence }));) {
        latest = await this.#load();
      }
    } catch (error) {
      if (error instanceof Problem && error.code === "SUMDB_FORK") throw error;
      this.#unwritten = evidence;
    }
    throw this.#problemOf(evidence);
  }

  #problemOf(evidence: ForkEvidence): Problem {
    const message = `The checksum database ${evidence.database} has signed two histories, and nothing of it is believed any more`;
    const problem = new Problem("SUMDB_FORK", message, {
      hint: `modgate sumdb status shows both signed heads; modgate sumdb reset ${evidence.database} begins anew`,
      evidence: { ...evidence },
    });
    const text = JSON.stringify(evidence);
    if (this.#reported !== text) {
      this.#reported = text;
      this.#parts.onFork(problem);
    }
    return problem;
  }
}
