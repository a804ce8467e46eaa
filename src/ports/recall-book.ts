/** An operator's word that a version must not be used. */
export interface Recall {
  readonly module: string;
  /** Null: every version of the module. */
  readonly version: string | null;
  /** Shown to who asks for it. */
  readonly reason: string;
  /** When, RFC 3339. */
  readonly at: string;
}

/** The recalls in force; another process may change them at any time. */
export interface RecallBook {
  /** False where no version of the module is recalled; true also where it has to look again. Looks into memory alone. */
  mayConcern(module: string): boolean;
  /** Those of the module, the oldest first; never older than 100 ms. STORE_FAILED where they can't be read. */
  of(module: string): Promise<readonly Recall[]>;
  all(): Promise<readonly Recall[]>;
}
