import { h1OfGoMod } from "../gomod/h1.ts";
import type { GoRequest } from "../gomod/request.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { ChecksumDatabase, ProvedHashes } from "../ports/checksum-database.ts";
import type { FirstSeen, FirstSeenVersion, HashedFile } from "../ports/first-seen.ts";
import type { Hasher } from "../ports/hasher.ts";
import type { Evidence, Quarantine } from "../ports/quarantine.ts";
import type { SecurityWatch } from "../ports/security-event.ts";
import type { StagedFile } from "../ports/store.ts";
import type { UpstreamBody } from "../ports/upstream.ts";
import { Drift, proofOf, wantedBy } from "./drift.ts";

export interface ProverParts {
  /** The database that knows the module; null: none does, and what is seen first is pinned. */
  readonly databaseOf: (module: string) => ChecksumDatabase | null;
  readonly firstSeen: FirstSeen;
  readonly hasher: Hasher;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly watch: SecurityWatch;
}

type HashedRequest = Extract<GoRequest, { readonly kind: "info" | "mod" | "zip" }> & { readonly kind: "mod" | "zip" };

/** Who sent a file, and what that says of the copy. */
export type Source = Pick<UpstreamBody, "upstream" | "etag" | "lastModified" | "contentType">;

/** What the bytes of one file must be, asked for ahead of them. */
export interface Proof {
  /**
   * Resolves where the staged file is the one, or is a .info, which nothing proves. Else it goes to quarantine and the promise rejects: SUMDB_MISMATCH or
   * FIRST_SEEN_MISMATCH with both hashes and their evidence; else as ChecksumDatabase.lookup() and Hasher.zip() do.
   */
  hold(staged: StagedFile, body: Source, signal: AbortSignal): Promise<void>;
}

/** The hash that a file must have, and who says so. */
export interface Wanted {
  readonly code: "SUMDB_MISMATCH" | "FIRST_SEEN_MISMATCH";
  readonly h1: string;
  readonly by: string;
  readonly proof: Readonly<Record<string, unknown>>;
}

// Up to here the bytes are in memory as they came; a larger file is read by the hashing thread itself.
const inMemoryBytes = 64 * 1024;

/** Proves files before they are served: by the checksum database, or by what was seen first. */
export class Prover {
  readonly #parts: ProverParts;
  readonly drift: Drift;

  constructor(parts: ProverParts) {
    this.#parts = parts;
    this.drift = new Drift(parts);
  }

  /**
   * Begins the proof of a request's file, and with it the lookup; null where it is no file of a version. A private module
   * is never looked up. Of a .info it is noticed where its tag has moved.
   */
  begin(request: GoRequest, isPrivate: boolean, signal: AbortSignal): Proof | null {
    if (request.kind === "info") return { hold: (staged, body) => this.#holdInfo(request, staged, body) };
    if (!isHashed(request)) return null;
    const database = isPrivate ? null : this.#parts.databaseOf(request.module);
    const lookup = database?.lookup(request.module, request.version, signal) ?? null;
    // Where no upstream has the file nobody waits for the lookup.
    lookup?.catch(() => {});
    return { hold: (staged, body, until) => this.#hold(request, lookup, { staged, body, signal: until }) };
  }

  /**
   * What a version's file must be that has the hash `got` and is here already; what was never seen is pinned as it is.
   * Rejects as ChecksumDatabase.lookup() does.
   */
  async wantedOf(
    { module, version, file, got }: FirstSeenVersion & { readonly file: HashedFile; readonly got: string },
    isPrivate: boolean,
    signal: AbortSignal,
  ): Promise<Wanted> {
    const database = isPrivate ? null : this.#parts.databaseOf(module);
    if (database === null) return this.#pinned({ module, version, file }, got, "disk");
    return provedHash(file, await database.lookup(module, version, signal));
  }

  async #hold(
    request: HashedRequest,
    lookup: Promise<ProvedHashes> | null,
    { staged, body, signal }: { readonly staged: StagedFile; readonly body: Source; readonly signal: AbortSignal },
  ): Promise<void> {
    const [got, proved] = await Promise.all([this.#hashOf(request, staged, signal), lookup]);
    const { module, version, kind: file } = request;
    const wanted =
      proved === null ? this.#pinned({ module, version, file }, got, body.upstream) : provedHash(file, proved);
    const place = { module, version, file };
    if (got === wanted.h1) {
      const atMs = this.#parts.clock.now();
      const known = proved && this.drift.remember(place, { h1: got, atMs, upstream: body.upstream });
      if (known) {
        const { upstream } = body;
        this.drift.noteProved({ module, version, upstream, size: staged.size }, { file, known, got });
      }
      return;
    }
    const { upstream, etag, lastModified, contentType } = body;
    const headers = { etag, "last-modified": lastModified, "content-type": contentType };
    const evidence: Evidence = {
      module,
      version,
      file,
      upstream,
      atMs: this.#parts.clock.now(),
      bytes: staged.size,
      headers: Object.fromEntries(
        Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null),
      ),
      wanted: wanted.h1,
      wantedBy: wanted.by,
      got,
      proof: wanted.proof,
    };
    throw await this.#refuse(evidence, wanted, staged);
  }

  async #holdInfo(
    { module, version }: Pick<HashedRequest, "module" | "version">,
    staged: StagedFile,
    { upstream }: Source,
  ): Promise<void> {
    const bytes = await staged.read(0, staged.size);
    await this.drift.noteInfo({ module, version, upstream, bytes });
  }

  async #refuse(refused: Evidence, wanted: Wanted, staged: StagedFile): Promise<Problem> {
    const { quarantine, watch } = this.#parts;
    const { module, version, file, upstream, got } = refused;
    const known = file === "info" ? null : this.drift.earlier({ module, version, file }, got);
    const evidence = known === null ? refused : { ...refused, proof: { ...refused.proof, ...proofOf(known) } };
    const kept = await quarantine.keep(evidence, staged.content().stream()).catch((error: unknown) => {
      watch.trouble(Problem.from(error));
      return null;
    });
    watch.event({ kind: known === null ? "mismatch" : "drift", evidence, quarantined: kept });
    const since = known === null || wanted.code === "FIRST_SEEN_MISMATCH" ? "" : `, as ${wantedBy(known)}`;
    const where = kept === null ? "" : `; kept as quarantine/${kept}`;
    const message = `${module}@${version} (.${file}) from upstream "${upstream}" has ${got}, but ${wanted.by} says ${wanted.h1}${since}${where}`;
    return new Problem(wanted.code, message, { evidence: { ...evidence, quarantined: kept } });
  }

  async #hashOf(request: HashedRequest, staged: StagedFile, signal: AbortSignal): Promise<string> {
    if (request.kind === "mod") return h1OfGoMod(await staged.read(0, staged.size));
    const path = staged.size <= inMemoryBytes ? null : await staged.onDisk();
    const content = path ?? (await staged.read(0, staged.size));
    const { module, version } = request;
    return (await this.#parts.hasher.zip({ module, version, content }, signal)).h1;
  }

  #pinned(version: FirstSeenVersion, h1: string, upstream: string): Wanted {
    const atMs = this.#parts.clock.now();
    const seen = this.#parts.firstSeen.pin(version, { h1, atMs, upstream });
    return { code: "FIRST_SEEN_MISMATCH", h1: seen.h1, by: wantedBy(seen), proof: proofOf(seen) };
  }
}

function isHashed(request: GoRequest): request is HashedRequest {
  return request.kind === "mod" || request.kind === "zip";
}

function provedHash(file: HashedFile, proved: ProvedHashes): Wanted {
  const { database, record, text, head, proof } = proved;
  return {
    code: "SUMDB_MISMATCH",
    h1: file === "mod" ? proved.mod : proved.zip,
    by: database,
    proof: { database, record, text, head, proof },
  };
}
