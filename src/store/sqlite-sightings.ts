import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { HeadSighting, Sightings } from "../ports/sightings.ts";
import { storeFailure } from "./store-failure.ts";

// A process that writes at this moment is done within microseconds.
const busyMs = 5000;
const betweenHeadsMs = 3_600_000;

/**
 * Sightings in a SQLite file that several processes may have open, or in `:memory:`. They can't be made again, so a
 * damaged file is an error and is never replaced. STORE_FAILED where it can't be opened.
 */
export class SqliteSightings implements Sightings {
  readonly #database: DatabaseSync;
  readonly #known: StatementSync;
  readonly #put: StatementSync;
  readonly #putHead: StatementSync;
  readonly #headBy: StatementSync;
  readonly #headWith: StatementSync;

  constructor(path: string) {
    try {
      this.#database = new DatabaseSync(path, { timeout: busyMs });
      this.#database.exec(`
        PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS versions (
          module TEXT NOT NULL, version TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (module, version)
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS heads (
          database TEXT NOT NULL, size INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (database, size)
        ) WITHOUT ROWID;
      `);
      this.#known = this.#database.prepare("SELECT version, at FROM versions WHERE module = ?");
      this.#put = this.#database.prepare(
        "INSERT INTO versions VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = min(at, excluded.at)",
      );
      this.#putHead = this.#database.prepare("INSERT INTO heads VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
      this.#headBy = this.#database.prepare(
        "SELECT size, at FROM heads WHERE database = ? AND at <= ? ORDER BY size DESC LIMIT 1",
      );
      this.#headWith = this.#database.prepare(
        "SELECT size, at FROM heads WHERE database = ? AND size > ? ORDER BY size LIMIT 1",
      );
    } catch (error) {
      throw storeFailure(`open ${path}, which holds when versions were first seen`, error);
    }
  }

  known(module: string): ReadonlyMap<string, number> {
    return this.#guarded(
      () => new Map(this.#known.all(module).map((row) => [String(row["version"]), Number(row["at"])])),
    );
  }

  see(module: string, versions: readonly string[], atMs: number): void {
    this.#guarded(() => this.#write(module, versions, atMs));
  }

  seeHead(database: string, { size, atMs }: HeadSighting): void {
    this.#guarded(() => {
      const last = headIn(this.#headBy.get(database, Number.MAX_SAFE_INTEGER));
      if (last !== null && (size <= last.size || atMs < last.atMs + betweenHeadsMs)) return;
      this.#putHead.run(database, size, Math.floor(atMs));
    });
  }

  headBy(database: string, atMs: number): HeadSighting | null {
    return this.#guarded(() => headIn(this.#headBy.get(database, Math.floor(atMs))));
  }

  headWith(database: string, record: number): HeadSighting | null {
    return this.#guarded(() => headIn(this.#headWith.get(database, record)));
  }

  close(): void {
    this.#database.close();
  }

  #write(module: string, versions: readonly string[], atMs: number): void {
    if (versions.length === 0) return;
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const version of versions) this.#put.run(module, version, Math.floor(atMs));
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeFailure("read or write when versions were first seen", error);
    }
  }
}

function headIn(row: Record<string, unknown> | undefined): HeadSighting | null {
  return row === undefined ? null : { size: Number(row["size"]), atMs: Number(row["at"]) };
}
