/** A zip to hash: the version that it claims to be, and where its bytes are. */
export interface ZipToHash {
  readonly module: string;
  readonly version: string;
  /** A path, or the bytes themselves, which must not change meanwhile. */
  readonly content: string | Uint8Array;
}

/** An unpacked module version. */
export interface FolderToHash {
  readonly module: string;
  readonly version: string;
  readonly path: string;
}

/** The hash of a zip or folder, and how much was read for it. */
export interface Hashed {
  /** As go.sum writes it: `h1:…=`. */
  readonly h1: string;
  readonly files: number;
  /** Of the files' content. */
  readonly bytes: number;
}

/**
 * Hashes module versions without holding up the thread that asks. A signal that is aborted rejects at once with its
 * reason. UPSTREAM_DAMAGED with the reason where there is no h1, OVERLOADED where too much waits already,
 * STORE_FAILED where a file cannot be read. https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash
 */
export interface Hasher extends AsyncDisposable {
  /** The h1 of a zip that is whole and that `go` will unpack; UPSTREAM_DAMAGED with the reason where it is not. */
  zip(zip: ZipToHash, signal: AbortSignal): Promise<Hashed>;
  /** The h1 of a zip that can be read, and the rule of module zips that it breaks; null where it breaks none. */
  zipAsItIs(zip: ZipToHash, signal: AbortSignal): Promise<Hashed & { readonly fault: string | null }>;
  /** The h1 of what an unpacked version holds now. */
  folder(folder: FolderToHash, signal: AbortSignal): Promise<Hashed>;
  /** Resolves when its threads have ended; what was under way is rejected. */
  [Symbol.asyncDispose](): Promise<void>;
}
