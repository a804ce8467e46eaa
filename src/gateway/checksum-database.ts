import type { SumdbConfig } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Problem } from "../kernel/problem.ts";
import type { ChecksumDatabase } from "../ports/checksum-database.ts";
import { SumdbClient } from "../sumdb/sumdb-client.ts";
import { sumdbOperations, type SumdbOperationsParts } from "./sumdb-operations.ts";

export interface ChecksumDatabaseParts extends Omit<SumdbOperationsParts, "name"> {
  readonly sumdb: SumdbConfig;
  readonly clock: Clock;
  /** Told once of every fork: a security event. Never throws. */
  readonly onFork: (problem: Problem) => void;
}

/** The configured checksum database as the gateway verifies with it. CONFIG_INVALID where its key is none. */
export function checksumDatabase({ sumdb, clock, onFork, ...parts }: ChecksumDatabaseParts): ChecksumDatabase {
  const operations = sumdbOperations({ name: sumdb.name, ...parts });
  return new SumdbClient({ key: sumdb.key, operations, clock, onFork });
}
