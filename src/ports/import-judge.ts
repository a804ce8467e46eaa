import type { FileKey, StagedFile } from "./store.ts";

/** Why a file of an import was not taken in. */
export interface ImportFault {
  readonly reason: string;
  /** True where it is not what is proved of its version, rather than merely not proved. */
  readonly isMismatch: boolean;
}

/** Says of each file of an import whether it may be taken in. */
export interface ImportJudge {
  /**
   * What became of an answer of a checksum database: all of them were proved ahead of the files that they prove, and
   * taken in then.
   */
  sum(key: FileKey): "imported" | "present" | ImportFault;
  /**
   * Null where the staged file of a version may become visible; else it is in quarantine where it is a mismatch.
   * STORE_FAILED where it can't be read, or the signal's reason.
   */
  faultOf(key: FileKey, staged: StagedFile, signal: AbortSignal): Promise<ImportFault | null>;
}
