import type { FirstSeen } from "./first-seen.ts";
import type { Hasher } from "./hasher.ts";
import type { Quarantine } from "./quarantine.ts";
import type { RecallBook } from "./recall-book.ts";
import type { Register } from "./register.ts";
import type { Sightings } from "./sightings.ts";
import type { SecurityWatch } from "./security-event.ts";

/** What proofs stand on, the same for every configuration of a process. */
export interface Trust {
  readonly firstSeen: FirstSeen;
  readonly quarantine: Quarantine;
  readonly hasher: Hasher;
  /** The latest tree head of a checksum database, and its fork. */
  readonly headOf: (database: string) => Register;
  readonly watch: SecurityWatch;
  readonly recalls: RecallBook;
  readonly sightings: Sightings;
}
