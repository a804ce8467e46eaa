import { h1OfGoMod } from "../gomod/h1.ts";
import { type InfoOrigin, parseInfo } from "../gomod/info.ts";
import { looksLikeModFile } from "../gomod/mod-file.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { FirstSeen, FirstSeenFile, FirstSeenVersion } from "../ports/first-seen.ts";
import type { Evidence, Quarantine } from "../ports/quarantine.ts";
import type { SecurityWatch } from "../ports/security-event.ts";

export interface DriftParts {
  readonly firstSeen: FirstSeen;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly watch: SecurityWatch;
}

/** What an upstream says of a version's file. */
export interface Statement {
  readonly module: string;
  readonly version: string;
  readonly upstream: string;
  readonly bytes: Uint8Array;
}

/** What a file was proved to be before, and is said to be now. */
export interface Change {
  readonly file: Evidence["file"];
  readonly known: FirstSeenFile;
  readonly got: string;
}

/**
 * Notices that a version has changed: what was proved of it here once is remembered beyond its files, and an upstream
 * that now says otherwise is a security event. It refuses nothing itself, and never rejects: trouble is told.
 */
export class Drift {
  readonly #parts: DriftParts;

  constructor(parts: DriftParts) {
    this.#parts = parts;
  }

  /** What was proved here before the file that has the hash `got`, and is another; null where nothing says otherwise. */
  earlier(version: FirstSeenVersion, got: string): FirstSeenFile | null {
    return this.#told(() => {
      const known = this.#parts.firstSeen.find(version);
      return known === null || known.h1 === got ? null : known;
    });
  }

  /** Remembers a proved file; gives what was proved before, where that was another. */
  remember(version: FirstSeenVersion, proved: FirstSeenFile): FirstSeenFile | null {
    return this.#told(() => {
      const known = this.#parts.firstSeen.pin(version, proved);
      return known.h1 === proved.h1 ? null : known;
    });
  }

  /**
   * Remembers what a version's .info says that it was made of; a tag that leads to another commit now is drift. Rejects
   * where it is no .info.
   */
  async noteInfo(statement: Statement): Promise<void> {
    const { version, bytes } = statement;
    const { origin } = parseInfo(bytes, version);
    if (origin === null) return;
    const known = this.#rememberOrigin(statement, origin);
    // One that names no tag, and one that does, may mean the same commit.
    if (known === null || known.h1.split(" ").at(-1) === origin.hash) return;
    await this.#report(statement, { file: "info", known, got: originText(origin) });
  }

  /**
   * An upstream says otherwise of a file that is here, as `kept`. Of a .info its origin alone counts, and what is no such
   * file at all, such as a login page, says nothing.
   */
  async noteChange(file: "info" | "mod", kept: Uint8Array, statement: Statement): Promise<void> {
    if (file === "mod") {
      if (!looksLikeModFile(statement.bytes)) return;
      const known = { h1: h1OfGoMod(kept), atMs: this.#parts.clock.now(), upstream: "disk" };
      return this.#report(statement, { file, known, got: h1OfGoMod(statement.bytes) });
    }
    try {
      const { origin } = parseInfo(kept, statement.version);
      if (origin !== null) this.#rememberOrigin({ ...statement, upstream: "disk" }, origin);
      await this.noteInfo(statement);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  }

  /** A file is proved now, and is not what was proved of it before. There is nothing to refuse. */
  noteProved(proved: Omit<Statement, "bytes"> & { readonly size: number }, change: Change): void {
    this.#parts.watch.event({ kind: "drift", evidence: this.#evidenceOf(proved, change), quarantined: null });
  }

  async #report(statement: Statement, change: Change): Promise<void> {
    const { quarantine, watch } = this.#parts;
    const { bytes, ...subject } = statement;
    const evidence = this.#evidenceOf({ ...subject, size: bytes.length }, change);
    const quarantined = await quarantine.keep(evidence, once(bytes)).catch((error: unknown) => {
      watch.trouble(Problem.from(error));
      return null;
    });
    watch.event({ kind: "drift", evidence, quarantined });
  }

  #evidenceOf(
    { module, version, upstream, size }: Omit<Statement, "bytes"> & { readonly size: number },
    { file, known, got }: Change,
  ): Evidence {
    return {
      module,
      version,
      file,
      upstream,
      atMs: this.#parts.clock.now(),
      bytes: size,
      headers: {},
      wanted: known.h1,
      wantedBy: wantedBy(known),
      got,
      proof: proofOf(known),
    };
  }

  #rememberOrigin({ module, version, upstream }: Statement, origin: InfoOrigin): FirstSeenFile | null {
    const atMs = this.#parts.clock.now();
    return this.remember({ module, version, file: "origin" }, { h1: originText(origin), atMs, upstream });
  }

  #told<T>(read: () => T | null): T | null {
    try {
      return read();
    } catch (error) {
      this.#parts.watch.trouble(Problem.from(error));
      return null;
    }
  }
}

/** What says so, where a version has changed since it was first seen. */
export function wantedBy({ atMs }: FirstSeenFile): string {
  return `what was first seen here on ${new Date(atMs).toISOString().slice(0, 10)}`;
}

/** When, and from whom. */
export function proofOf({ atMs, upstream }: FirstSeenFile): Readonly<Record<string, string>> {
  return { firstSeenAt: new Date(atMs).toISOString(), firstSeenFrom: upstream };
}

function originText({ ref, hash }: InfoOrigin): string {
  return ref === null ? hash : `${ref} ${hash}`;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
