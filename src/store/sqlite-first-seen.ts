import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { FirstSeen, FirstSeenFile, FirstSeenVersion } from "../ports/first-seen.ts";
import { storeFailure } from "./store-failure.ts";

// A process that writes at this moment is done within microseconds.
const busyMs = 5000;

/**
 * What was first seen, in a SQLite file that several processes may have open. Unlike the index it can't be made again, so
 * a damaged one is an error and is never replaced. STORE_FAILED where it can't be opened.
 */
export class SqliteFirstSeen implements FirstSeen {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #remove: StatementSync;

  constructor(path: string) {
    try {
      this.#database = new DatabaseSync(path, { timeout: busyMs });
      this.#database.exec(`
        PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS first_seen (
          module TEXT NOT NULL, version TEXT NOT NULL, file TEXT NOT NULL,
          h1 TEXT NOT NULL, at INTEGER NOT NULL, upstream TEXT NOT NULL, PRIMARY KEY (module, version, file)
        ) WITHOUT ROWID;
      `);
      this.#put = this.#database.prepare("INSERT INTO first_seen VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
      this.#get = this.#database.prepare(
        "SELECT h1, at, upstream FROM first_seen WHERE module = ? AND version = ? AND file = ?",
      );
      this.#remove = this.#database.prepare("DELETE FROM first_seen WHERE module = ? AND version = ?");
    } catch (error) {
      throw storeFailure(`open ${path}, which holds the hashes of versions as they were first seen`, error);
    }
  }

  find({ module, version, file }: FirstSeenVersion): FirstSeenFile | null {
    try {
      const known = this.#get.get(module, version, file);
      return known === undefined ? null : fileOf(known);
    } catch (error) {
      throw storeFailure(`read the hash of ${module}@${version}`, error);
    }
  }

  pin({ module, version, file }: FirstSeenVersion, seen: FirstSeenFile): FirstSeenFile {
    try {
      const known = this.#get.get(module, version, file);
      if (known !== undefined) return fileOf(known);
      this.#put.run(module, version, file, seen.h1, seen.atMs, seen.upstream);
      // Another process may have been first between the two.
      const kept = this.#get.get(module, version, file);
      if (kept === undefined) throw new Error("it is not there after it was written");
      return fileOf(kept);
    } catch (error) {
      throw storeFailure(`remember the hash of ${module}@${version}`, error);
    }
  }

  forget(module: string, version: string): number {
    try {
      return Number(this.#remove.run(module, version).changes);
    } catch (error) {
      throw storeFailure(`forget the hash of ${module}@${version}`, error);
    }
  }

  close(): void {
    this.#database.close();
  }
}

function fileOf(row: Record<string, unknown>): FirstSeenFile {
  return { h1: String(row["h1"]), atMs: Number(row["at"]), upstream: String(row["upstream"]) };
}
