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

/** The latest tree head known here, brought on by what the database signs as its latest. */
export class LatestHead {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * The latest head known here where its tree has so many records; else the latest that the database has signed, even
   * where that has fewer. Null where there is none at all. Rejects as accept() of TrustedHead and readRemote() do.
   */
  async reaching(records: number, signal: AbortSignal): Promise<SignedHead | null> {
    const { trusted } = this.#parts;
    let latest = await trusted.known();
    let refused: Problem | null = null;
    // Whoever is near may be behind.
    for (const source of ["any", "database"] as const) {
      if (latest !== null && latest.size >= records) return latest;
      try {
        latest = await trusted.accept(await this.#ask(source, signal), signal);
        refused = null;
      } catch (error) {
        signal.throwIfAborted();
        if (isAbsence(error)) refused = this.#noHead(error);
        else if (isDamage(error) && error.code !== "SUMDB_FORK") refused = error;
        else throw refused ?? error;
      }
    }
    if (refused !== null) throw refused;
    return latest;
  }

  /** Takes in what somebody gave for the latest head. SUMDB_DAMAGED where it is not signed; else as accept(). */
  async admit(bytes: Uint8Array, signal: AbortSignal): Promise<SignedHead> {
    return this.#parts.trusted.accept(this.#open(bytes), signal);
  }

  async #ask(source: "any" | "database", signal: AbortSignal): Promise<SignedHead> {
    const accept = (bytes: Uint8Array): void => void this.#open(bytes);
    return this.#open(await this.#parts.operations.readRemote({ path: "latest", source, accept }, signal));
  }

  #open(bytes: Uint8Array): SignedHead {
    const { verifier } = this.#parts;
    const note = utf8Text(bytes);
    const reading = note === null ? null : openTreeHead(note, verifier);
    if (reading?.kind === "head") return reading.head;
    const message = `The checksum database ${verifier.name} answered latest with what ${reading?.reason ?? "is no UTF-8"}`;
    const got = Buffer.from(bytes.subarray(0, 16 * 1024)).toString("base64");
    throw new Problem("SUMDB_DAMAGED", message, { evidence: { database: verifier.name, path: "latest", got } });
  }

  #noHead(cause: Problem): Problem {
    const { name } = this.#parts.verifier;
    const message = `The checksum database ${name} does not say which tree head is its latest`;
    return new Problem("SUMDB_DAMAGED", message, { tried: cause.tried, cause });
  }
}
