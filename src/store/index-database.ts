import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sleep } from "../kernel/clock.ts";
import type { DataFolder } from "./data-folder.ts";
import { acquireLock, type LockParts } from "./lock-file.ts";
import { storeFailure } from "./store-failure.ts";

/** Number of the tables below: an index with another one is set aside and made anew. */
const schemaVersion = 1;

// files: what the tree holds. versions: every version ever seen. answers: who confirmed what, when.
// totals: count and sum of files, kept by triggers. facts: `complete` once a scan has been through the tree.
const schema = `
  CREATE TABLE files (
    key TEXT PRIMARY KEY, module TEXT, version TEXT,
    size INTEGER NOT NULL, stored_at INTEGER NOT NULL, last_used INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX files_by_use ON files (last_used, key);
  CREATE INDEX files_by_version ON files (module, version);
  CREATE TABLE totals (files INTEGER NOT NULL, bytes INTEGER NOT NULL);
  INSERT INTO totals VALUES (0, 0);
  CREATE TRIGGER file_added AFTER INSERT ON files
    BEGIN UPDATE totals SET files = files + 1, bytes = bytes + new.size; END;
  CREATE TRIGGER file_removed AFTER DELETE ON files
    BEGIN UPDATE totals SET files = files - 1, bytes = bytes - old.size; END;
  CREATE TRIGGER file_changed AFTER UPDATE OF size ON files
    BEGIN UPDATE totals SET bytes = bytes + new.size - old.size; END;
  CREATE TABLE versions (
    module TEXT NOT NULL, version TEXT NOT NULL, first_seen INTEGER NOT NULL, PRIMARY KEY (module, version)
  ) WITHOUT ROWID;
  CREATE INDEX versions_by_time ON versions (first_seen);
  CREATE TABLE answers (
    key TEXT PRIMARY KEY, confirmed_at INTEGER NOT NULL, upstream TEXT NOT NULL,
    upstream_etag TEXT, upstream_last_modified TEXT, body_etag TEXT
  ) WITHOUT ROWID;
  CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  PRAGMA user_version = ${schemaVersion};
`;

const openBusyMs = 5_000;
const busyMs = 50;
// Above this a full check would hold up the start; what is broken then shows when it is read.
const maxCheckedPages = 16_384;

/**
 * Opens index.sqlite, making it where it is missing. One that is damaged, or of another make, is moved to
 * index.sqlite.damaged: all of it can be made again from the file tree. STORE_FAILED where none can be made.
 */
export async function openIndexDatabase(parts: LockParts & { readonly folder: DataFolder }): Promise<DatabaseSync> {
  const { disk, folder, clock } = parts;
  try {
    try {
      return openChecked(folder.index);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    // Several processes find the damage at once: one moves the file, the others find a sound one.
    for (;;) {
      const lock = await acquireLock(parts, join(folder.temporary, "index.lock"), openBusyMs);
      if (lock.kind === "held") {
        try {
          return await openOrReplace(parts);
        } finally {
          await lock.release();
        }
      }
      await sleep(clock, 20);
    }
  } catch (error) {
    throw storeFailure(`open ${folder.index}`, error);
  } finally {
    await disk.syncDirectory(folder.root).catch(() => {});
  }
}

/** True where the index file itself is broken, or holds other tables than these. */
export function isDamage(error: unknown): boolean {
  return error instanceof OtherSchema || [sqliteCorrupt, sqliteNotADatabase].includes(sqliteCode(error));
}

/** True where another process writes at this moment. */
export function isBusy(error: unknown): boolean {
  return [sqliteBusy, sqliteLocked].includes(sqliteCode(error));
}

const sqliteBusy = 5;
const sqliteLocked = 6;
const sqliteCorrupt = 11;
const sqliteNotADatabase = 26;

class OtherSchema extends Error {}

// The low byte is the primary code. https://sqlite.org/rescode.html
function sqliteCode(error: unknown): number {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return -1;
  return error.errcode & 0xff;
}

async function openOrReplace(parts: LockParts & { readonly folder: DataFolder }): Promise<DatabaseSync> {
  const { disk, folder } = parts;
  try {
    return openChecked(folder.index);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  await disk.rename(folder.index, `${folder.index}.damaged`);
  for (const suffix of ["-wal", "-shm"]) await disk.remove(`${folder.index}${suffix}`);
  return openChecked(folder.index);
}

function openChecked(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: openBusyMs });
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    database.exec("BEGIN IMMEDIATE");
    const version = pragma(database, "user_version");
    const isEmpty = database.prepare("SELECT 1 FROM sqlite_master LIMIT 1").get() === undefined;
    if (version === 0 && isEmpty) database.exec(schema);
    else if (version !== schemaVersion)
      throw new OtherSchema(`${path} has tables of make ${version}, not ${schemaVersion}`);
    database.exec("COMMIT");
    if (pragma(database, "page_count") <= maxCheckedPages) check(database);
    database.exec(`PRAGMA busy_timeout = ${busyMs}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function check(database: DatabaseSync): void {
  const found = database.prepare("PRAGMA quick_check(1)").get();
  if (found?.["quick_check"] !== "ok") throw new OtherSchema(`quick_check says ${String(found?.["quick_check"])}`);
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
