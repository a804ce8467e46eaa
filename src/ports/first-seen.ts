/** What a file was when it was first seen here. */
export interface FirstSeenFile {
  /** `h1:…` as go.sum writes it. */
  readonly h1: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Who served it. */
  readonly upstream: string;
}

/** Which of a version's files: only these two have a hash. */
export type HashedFile = "mod" | "zip";

/**
 * The hashes of versions that no checksum database knows: trust on first use. What stands here stays when the file is
 * evicted, so that another one of the same version is never taken for it.
 */
export interface FirstSeen {
  /** What was seen first: `seen` itself where nothing was, which is kept from then on. STORE_FAILED where it can't. */
  pin(version: FirstSeenVersion, seen: FirstSeenFile): FirstSeenFile;
  /** Forgets both files of a version; how many it knew. */
  forget(module: string, version: string): number;
  close(): void;
}

export interface FirstSeenVersion {
  readonly module: string;
  readonly version: string;
  readonly file: HashedFile;
}
