/**
 * One small value that several processes share and change by compare-and-swap, such as the latest tree head of a
 * checksum database. STORE_FAILED where it can't be read or written.
 */
export interface Register {
  /** The value, whole and as it was last swapped in; null where there never was one. */
  load(): Promise<Buffer | null>;
  /**
   * Makes `to` the value if it still is `from` (null: none yet), durable before it returns; false where it is another
   * by now: then load() it and decide again. Of several at once at most one gets true.
   */
  swap(from: Uint8Array | null, to: Uint8Array): Promise<boolean>;
}
