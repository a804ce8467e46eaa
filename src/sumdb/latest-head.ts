import { Problem } from "../kernel/problem.ts";
import type { SumdbOperations } from "../ports/checksum-database.ts";
import { type NoteVerifier, utf8Text } from "./signed-note.ts";
import { isAbsence, isDamage } from "./tile-reader.ts";
import { openTreeHead, type SignedHead } from "./tree-head.ts";
import type { TrustedHead } from "./trusted-head.ts";

interface Parts {
  readonly verifier: NoteVerifier;
  readonly operations: Pick<SumdbOperations, "readRemote">;
  readonly trusted: TrustedHead;
}

type Source = "any" | "database";

/** The latest tree head known here, brought on by what the database signs as its latest. */
export class LatestHead {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * The latest head known here where its tree has so many records; else the latest that the database has signed, even
   * where that has fewer. Rejects as accept() of TrustedHead and readRemote() do.
   */
  async reaching(records: number, signal: AbortSignal): Promise<SignedHead> {
    const known = await this.#parts.trusted.known();
    if (known !== null && known.size >= records) return known;
    return this.#askUntil((head) => head.size >= records, signal);
  }

  /**
   * What whoever is near says now, or the head known here where that has more records. Rejects as accept() of
   * TrustedHead and readRemote() do.
   */
  async ask(signal: AbortSignal): Promise<SignedHead> {
    await this.#parts.trusted.refuseAfterFork();
    return this.#askUntil(() => true, signal);
  }

  /** Whoever is near may be behind, or say what is wrong; then the database itself is asked. */
  async #askUntil(isEnough: (head: SignedHead) => boolean, signal: AbortSignal): Promise<SignedHead> {
    let latest: SignedHead | null = null;
    let refused: Problem | null = null;
    for (const source of ["any", "database"] as const) {
      try {
        latest = await this.#parts.trusted.accept(await this.#read(source, signal), signal);
        if (isEnough(latest)) return latest;
      } catch (error) {
        signal.throwIfAborted();
        if (isAbsence(error)) refused ??= this.#noHead(error);
        else if (isDamage(error) && error.code !== "SUMDB_FORK") refused = error;
        else throw isDamage(error) ? error : (refused ?? error);
      }
    }
    if (latest !== null) return latest;
    throw refused ?? new Error("nobody was asked");
  }

  async #read(source: Source, signal: AbortSignal): Promise<SignedHead> {
    const accept = (bytes: Uint8Array): void => void this.#open(bytes);
    return this.#open(await this.#parts.operations.readRemote({ path: "latest", source, accept }, signal));
  }

  #open(bytes: Uint8Array): SignedHead {
    const { verifier } = this.#parts;
    const note = utf8Text(bytes);
    const reading = note === null ? null : openTreeHead(note, verifier);
    if (reading?.kind === "head") return reading.head;
    const reason = reading?.reason ?? "is no UTF-8";
    const message = `The checksum database ${verifier.name} answered latest with what ${reason}`;
    const got = Buffer.from(bytes.subarray(0, 16 * 1024)).toString("base64");
    throw new Problem("SUMDB_DAMAGED", message, { evidence: { database: verifier.name, path: "latest", got } });
  }

  #noHead(cause: Problem): Problem {
    const { name } = this.#parts.verifier;
    const message = `The checksum database ${name} does not say which tree head is its latest`;
    return new Problem("SUMDB_DAMAGED", message, { tried: cause.tried, cause });
  }
}
