/** What is known of bytes that were refused: enough for anybody to check the refusal. Never credentials. */
export interface Evidence {
  readonly module: string;
  readonly version: string;
  readonly file: "info" | "mod" | "zip";
  /** Who sent them; `disk` where they lay in this cache. */
  readonly upstream: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly bytes: number;
  /** Headers of the answer that say which copy it was. */
  readonly headers: Readonly<Record<string, string>>;
  /** The h1 that it should have, and who says so. */
  readonly wanted: string;
  readonly wantedBy: string;
  readonly got: string;
  /** What proves `wanted`: a record of a checksum database with its tree head, or when it was first seen. */
  readonly proof: Readonly<Record<string, unknown>>;
}

/** One thing in quarantine. */
export interface Quarantined {
  /** Names it, sorted by time. */
  readonly name: string;
  readonly evidence: Evidence;
  /** Absolute path of the refused bytes. */
  readonly path: string;
}

/** Where refused bytes go with their evidence, and whence nothing is served. */
export interface Quarantine {
  /** Keeps both, durable, and gives the name; the oldest go where there are too many. STORE_FAILED where it can't. */
  keep(evidence: Evidence, content: AsyncIterable<Uint8Array>): Promise<string>;
  /** Everything in it, the oldest first. */
  list(): Promise<readonly Quarantined[]>;
}
