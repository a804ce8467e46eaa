/** What a file was when it was first seen here. */
export interface FirstSeenFile {
  /** `h1:…` as go.sum writes it; of an origin its commit, behind the tag or branch where it has one. */
  readonly h1: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Who served it. */
  readonly upstream: string;
}

/** Which of a version's files: only these two have a hash. */
export type HashedFile = "mod" | "zip";

/**
 * What every version was when it was first proved here. Where no checksum database knows it, that is what it has to be
 * ever after: trust on first use. It stays when the file is evicted, so that a version that changes is seen.
 */
export interface FirstSeen {
  /** What was seen first; null where nothing was. STORE_FAILED where it can't be read. */
  find(version: FirstSeenVersion): FirstSeenFile | null;
  /** What was seen first: `seen` itself where nothing was, which is kept from then on. STORE_FAILED where it can't. */
  pin(version: FirstSeenVersion, seen: FirstSeenFile): FirstSeenFile;
  /** Forgets all of a version; how many of its files it knew, its origin counted as one. */
  forget(module: string, version: string): number;
  close(): void;
}

export interface FirstSeenVersion {
  readonly module: string;
  readonly version: string;
  /** `origin`: what its .info says that it was made of. */
  readonly file: HashedFile | "origin";
}
