import type { Problem } from "../kernel/problem.ts";
import type { CacheIndex } from "./cache-index.ts";
import type { DataFolder } from "./data-folder.ts";
import type { LockParts } from "./lock-file.ts";
import type { Pins } from "./pins.ts";

/** What the parts of a file store, and the commands on the cache as a whole, work with. */
export interface FileStoreParts extends LockParts {
  readonly folder: DataFolder;
  readonly index: CacheIndex;
  readonly pins: Pins;
  /** Told of failures that nobody waits for. */
  readonly onTrouble: (problem: Problem) => void;
}
