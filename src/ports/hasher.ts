/** A zip to be hashed: a file that the hasher reads itself, or its bytes, which must not change meanwhile. */
export type ZipContent = { readonly path: string } | { readonly bytes: Uint8Array };

/** Hashes module files away from the thread that answers requests. */
export interface Hasher {
  /**
   * The h1 of a module zip, as go.sum writes it: every file unpacked and checked against its CRC.
   * https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash `label` is what
   * messages call it: `MODULE@VERSION`. UPSTREAM_DAMAGED where it cannot be unpacked; STORE_FAILED where
   * it cannot be read; else the signal's reason.
   */
  zip(content: ZipContent, label: string, signal: AbortSignal): Promise<string>;
  /** Lets jobs under way end, and ends the threads. */
  close(): Promise<void>;
}
