import type { SumdbConfig } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";
import type { ChecksumDatabase } from "../ports/checksum-database.ts";
import type { Store } from "../ports/store.ts";
import type { Trust } from "../ports/trust.ts";
import type { Chain } from "../ports/upstream.ts";
import {
  type BroughtAnswers,
  checksumDatabase,
  type ChecksumDatabaseParts,
  databaseWithBrought,
} from "./checksum-database.ts";
import type { SumdbChoice } from "./sumdb-choice.ts";

export interface ChecksumDatabasesParts {
  readonly choice: SumdbChoice;
  /** Of each database, by its name; a database without one is asked in the cache alone. */
  readonly chains: ReadonlyMap<string, Chain>;
  readonly store: Store;
  readonly trust: Trust;
  readonly clock: Clock;
}

/** The databases of a gateway, as it verifies with them. */
export interface ChecksumDatabases {
  /** The one that knows a module; null where none does. */
  readonly databaseOf: (module: string) => ChecksumDatabase | null;
  readonly databaseNamed: (name: string) => ChecksumDatabase | null;
  /** The one of that name, where these answers of it were brought; null where there is none. */
  readonly databaseWith: (name: string, brought: BroughtAnswers) => ChecksumDatabase | null;
}

/** Makes a verifying client for each database of the choice; no request yet. */
export function checksumDatabases(parts: ChecksumDatabasesParts): ChecksumDatabases {
  const { choice, chains, store, trust, clock } = parts;
  const { watch } = trust;
  const databases = new Map<string, ChecksumDatabase>();
  const partsOf = (sumdb: SumdbConfig): ChecksumDatabaseParts => ({
    sumdb,
    store,
    clock,
    chain: chains.get(sumdb.name) ?? null,
    trust: trust.headOf(sumdb.name),
    onTrouble: (problem) => watch.trouble(problem),
    onFork: (problem) => watch.event({ kind: "fork", problem }),
  });
  for (const sumdb of choice.all.values()) databases.set(sumdb.name, checksumDatabase(partsOf(sumdb)));
  const databaseNamed = (name: string): ChecksumDatabase | null => databases.get(name) ?? null;
  return {
    databaseNamed,
    databaseWith(name, brought) {
      const sumdb = choice.all.get(name);
      return sumdb === undefined ? null : databaseWithBrought(partsOf(sumdb), brought);
    },
    databaseOf(module) {
      const sumdb = choice.of(module);
      return sumdb === null ? null : databaseNamed(sumdb.name);
    },
  };
}
