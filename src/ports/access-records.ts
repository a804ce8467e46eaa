/** Who took a version's zip from here, and when. */
export interface Taker {
  readonly tenant: string;
  /** Address of the client, without its port. */
  readonly client: string;
  readonly module: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly times: number;
}

/** The access records: for who has to be told when a version turns out to be bad. */
export interface AccessRecords {
  /** The last to take it first; all versions where `version` is null. STORE_FAILED where they can't be read. */
  takersOf(module: string, version: string | null): readonly Taker[];
  close(): void;
}
