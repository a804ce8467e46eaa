import { parseInfo } from "../gomod/info.ts";
import { h1OfGoMod } from "../gomod/h1.ts";
import { infoKey, modKey, zipKey } from "../gomod/keys.ts";
import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { HashedFile } from "../ports/first-seen.ts";
import type { Hasher } from "../ports/hasher.ts";
import type { Evidence, Quarantine } from "../ports/quarantine.ts";
import type { SecurityWatch } from "../ports/security-event.ts";
import type { Store, StoredFile } from "../ports/store.ts";
import { wholeOf } from "./artifact.ts";
import type { Prover, Wanted } from "./prover.ts";

export interface CacheVerifierParts {
  readonly store: Store;
  /** Where a key's file lies, for the thread that hashes it. */
  readonly pathOf: (key: string) => string;
  readonly prover: Prover;
  readonly isPrivate: (module: string) => boolean;
  readonly hasher: Hasher;
  readonly quarantine: Quarantine;
  readonly watch: SecurityWatch;
  readonly clock: Clock;
}

/** A version in the cache, as it is to be verified. */
export interface VersionToVerify {
  readonly module: string;
  readonly version: string;
}

/** A file that is not, or may not be, what it should be. */
export interface VerifyFinding extends VersionToVerify {
  readonly file: "info" | HashedFile;
  /**
   * `changed`: not what is proved, so it is in quarantine and gone from the cache. `unknown`: the checksum database does
   * not know the version. `unproved`: nobody could be asked.
   */
  readonly kind: "changed" | "unknown" | "unproved";
  /** One line for people. */
  readonly reason: string;
  readonly quarantined: string | null;
}

/** Re-hashes what lies in the cache, and takes out what has changed since it was proved. */
export class CacheVerifier {
  readonly #parts: CacheVerifierParts;

  constructor(parts: CacheVerifierParts) {
    this.#parts = parts;
  }

  /** Verifies the files that a version has here; what is not here is nothing. STORE_FAILED where one can't be read. */
  async verify(version: VersionToVerify, signal: AbortSignal): Promise<{ bytes: number; findings: VerifyFinding[] }> {
    const module = escapeModulePath(version.module);
    const escaped = escapeVersion(version.version);
    const keys = { info: infoKey(module, escaped), mod: modKey(module, escaped), zip: zipKey(module, escaped) };
    const findings: VerifyFinding[] = [];
    let bytes = 0;
    for (const file of ["info", "mod", "zip"] as const) {
      signal.throwIfAborted();
      const stored = await this.#parts.store.find(keys[file]);
      if (stored === null) continue;
      bytes += stored.size;
      const finding = await this.#verifyFile({ ...version, file }, stored, signal);
      if (finding !== null) findings.push(finding);
    }
    return { bytes, findings };
  }

  async #verifyFile(
    subject: VersionToVerify & { readonly file: VerifyFinding["file"] },
    stored: StoredFile,
    signal: AbortSignal,
  ): Promise<VerifyFinding | null> {
    const { file } = subject;
    try {
      if (file === "info") {
        parseInfo(await wholeOf(stored), subject.version);
        return null;
      }
      const got = await this.#hashOf(subject, stored, signal);
      const isPrivate = this.#parts.isPrivate(subject.module);
      const wanted = await this.#parts.prover.wantedOf({ ...subject, file, got }, isPrivate, signal);
      return got === wanted.h1 ? null : await this.#takeOut(subject, stored, { got, wanted });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Problem)) throw error;
      const { code, message } = error;
      if (code === "UPSTREAM_DAMAGED") return await this.#takeOut(subject, stored, { got: message, wanted: null });
      if (code === "STORE_FAILED" || code === "INTERNAL") throw error;
      const kind = code === "SUMDB_UNKNOWN" ? "unknown" : "unproved";
      return { ...subject, kind, reason: message, quarantined: null };
    }
  }

  async #hashOf(
    { module, version, file }: VersionToVerify & { readonly file: VerifyFinding["file"] },
    stored: StoredFile,
    signal: AbortSignal,
  ): Promise<string> {
    if (file !== "zip") return h1OfGoMod(await wholeOf(stored));
    // From the disk, whatever memory holds: that is what may have changed.
    const content = this.#parts.pathOf(stored.key);
    return (await this.#parts.hasher.zip({ module, version, content }, signal)).h1;
  }

  async #takeOut(
    { module, version, file }: VersionToVerify & { readonly file: VerifyFinding["file"] },
    stored: StoredFile,
    { got, wanted }: { readonly got: string; readonly wanted: Wanted | null },
  ): Promise<VerifyFinding> {
    const { store, quarantine, watch, clock } = this.#parts;
    const evidence: Evidence = {
      module,
      version,
      file,
      upstream: "disk",
      atMs: clock.now(),
      bytes: stored.size,
      headers: {},
      wanted: wanted?.h1 ?? "a file that can be read",
      wantedBy: wanted?.by ?? "its format",
      got,
      proof: wanted?.proof ?? {},
    };
    const quarantined = await quarantine.keep(evidence, stored.stream());
    await store.remove(stored.key);
    watch.event({ kind: "changed-on-disk", evidence, quarantined });
    const reason = wanted === null ? got : `it has ${got}, but ${wanted.by} says ${wanted.h1}`;
    return { module, version, file, kind: "changed", reason, quarantined };
  }
}
