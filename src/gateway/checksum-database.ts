import type { SumdbConfig } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { ChecksumDatabase, SumdbOperations } from "../ports/checksum-database.ts";
import { SumdbClient } from "../sumdb/sumdb-client.ts";
import { sumdbOperations, type SumdbOperationsParts } from "./sumdb-operations.ts";

export interface ChecksumDatabaseParts extends Omit<SumdbOperationsParts, "name"> {
  readonly sumdb: SumdbConfig;
  readonly clock: Clock;
  /** Told once of every fork: a security event. Never throws. */
  readonly onFork: (problem: Problem) => void;
}

/** Answers of a database that somebody has brought, by their path below it. They need not be right. */
export type BroughtAnswers = ReadonlyMap<string, Uint8Array>;

/** The configured checksum database as the gateway verifies with it. CONFIG_INVALID where its key is none. */
export function checksumDatabase({ sumdb, clock, onFork, ...parts }: ChecksumDatabaseParts): ChecksumDatabase {
  const operations = sumdbOperations({ name: sumdb.name, ...parts });
  return new SumdbClient({ key: sumdb.key, operations, clock, onFork });
}

/** The same, where answers that were brought stand for whoever is near: proved as any other, and asked for where they fail. */
export function databaseWithBrought(
  { sumdb, clock, onFork, ...parts }: ChecksumDatabaseParts,
  brought: BroughtAnswers,
): ChecksumDatabase {
  const operations = sumdbOperations({ name: sumdb.name, ...parts });
  const readRemote: SumdbOperations["readRemote"] = async (ask, signal) => {
    const bytes = ask.source === "any" ? brought.get(ask.path) : undefined;
    if (bytes === undefined) return operations.readRemote(ask, signal);
    try {
      ask.accept(bytes);
      return bytes;
    } catch (refused) {
      return operations.readRemote(ask, signal).catch((error: unknown) => {
        // What is wrong with it says more than that nobody else could be asked.
        throw error instanceof Problem && error.verdict === "unreachable" ? refused : error;
      });
    }
  };
  return new SumdbClient({ key: sumdb.key, operations: { ...operations, readRemote }, clock, onFork });
}
