import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Clock } from "../kernel/clock.ts";
import type { Problem } from "../kernel/problem.ts";
import type { AccessRecords, Taker } from "../ports/access-records.ts";
import type { Exchange, Witness } from "../ports/exchange.ts";
import { storeFailure } from "./store-failure.ts";

/** Within which a zip that was taken is on record, in milliseconds. */
export const accessFlushMs = 100;

interface AccessParts {
  readonly path: string;
  readonly clock: Clock;
  /** How long a taker is remembered after the last time, in milliseconds. */
  readonly keepMs: number;
  readonly onTrouble: (problem: Problem) => void;
}

// A process that writes at this moment is done within microseconds; the thread that answers must not wait longer.
const busyMs = 50;
const retryMs = 1000;
// What a broken disk may leave unwritten before the oldest is let go.
const maxPending = 50_000;

/**
 * Access records in a SQLite file that several processes may have open: one row for each tenant, client and version,
 * so that builds that take the same again add nothing. Written at most 100 ms later. STORE_FAILED where it can't be opened.
 */
export class SqliteAccessRecords implements AccessRecords, Witness {
  readonly #parts: AccessParts;
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #pending = new Map<string, { -readonly [K in keyof Taker]: Taker[K] }>();
  #cancel: (() => void) | null = null;

  constructor(parts: AccessParts) {
    this.#parts = parts;
    try {
      this.#database = new DatabaseSync(parts.path, { timeout: 5000 });
      this.#database.exec(`
        PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS takers (
          module TEXT NOT NULL, version TEXT NOT NULL, tenant TEXT NOT NULL, client TEXT NOT NULL,
          first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, times INTEGER NOT NULL,
          PRIMARY KEY (module, version, tenant, client)
        ) WITHOUT ROWID;
      `);
      this.#database.prepare("DELETE FROM takers WHERE last_at < ?").run(Math.floor(parts.clock.now() - parts.keepMs));
      this.#database.exec(`PRAGMA busy_timeout = ${busyMs}`);
      this.#put = this.#database.prepare(
        `INSERT INTO takers VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at), times = times + excluded.times`,
      );
      this.#get = this.#database.prepare(
        `SELECT module, version, tenant, client, first_at, last_at, times FROM takers
         WHERE module = ?1 AND (?2 IS NULL OR version = ?2) ORDER BY last_at DESC, version, tenant, client`,
      );
    } catch (error) {
      throw storeFailure(`open the access records ${parts.path}`, error);
    }
  }

  /** Notes who was sent a zip, or was told that the one it has is still right. */
  record({ request, verdict, method, tenant, client, startedAtMs }: Exchange): void {
    if (verdict !== "ok" || method !== "GET" || request === null || request.kind !== "zip") return;
    const { module, version } = request;
    const key = `${module} ${version} ${tenant} ${client}`;
    const atMs = Math.floor(startedAtMs);
    const known = this.#pending.get(key);
    if (known === undefined) {
      if (this.#pending.size >= maxPending) this.#pending.delete(this.#pending.keys().next().value ?? "");
      this.#pending.set(key, { module, version, tenant, client, firstMs: atMs, lastMs: atMs, times: 1 });
    } else {
      known.lastMs = Math.max(known.lastMs, atMs);
      known.times++;
    }
    this.#cancel ??= this.#parts.clock.after(accessFlushMs, () => this.#flush());
  }

  takersOf(module: string, version: string | null): readonly Taker[] {
    this.#flush();
    try {
      return this.#get.all(module, version).map((row) => ({
        module: String(row["module"]),
        version: String(row["version"]),
        tenant: String(row["tenant"]),
        client: String(row["client"]),
        firstMs: Number(row["first_at"]),
        lastMs: Number(row["last_at"]),
        times: Number(row["times"]),
      }));
    } catch (error) {
      throw storeFailure("read the access records", error);
    }
  }

  close(): void {
    this.#flush();
    this.#cancel?.();
    this.#database.close();
  }

  #flush(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#pending.size === 0) return;
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      for (const { module, version, tenant, client, firstMs, lastMs, times } of this.#pending.values())
        this.#put.run(module, version, tenant, client, firstMs, lastMs, times);
      this.#database.exec("COMMIT");
      this.#pending.clear();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      this.#parts.onTrouble(storeFailure("write the access records", error));
      this.#cancel = this.#parts.clock.after(retryMs, () => this.#flush());
    }
  }
}
