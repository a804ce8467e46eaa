import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LRUCache } from "lru-cache";
import type { Clock } from "../kernel/clock.ts";
import type { Problem } from "../kernel/problem.ts";
import type { FileKey, SeenVersion } from "../ports/store.ts";
import { isBusy } from "./index-database.ts";
import { IndexWriter, PendingWrites, type IndexedAnswer, type IndexedFile } from "./index-writes.ts";
import { storeFailure } from "./store-failure.ts";

const flushMs = 250;
const usesFlushMs = 30_000;
const retryMs = 5_000;
const answerFreshMs = 1_000;
const countsFreshMs = 60_000;
// What a broken disk may leave unwritten before it is let go: all of it can be found again in the tree.
const maxPending = 200_000;

interface IndexParts {
  readonly database: DatabaseSync;
  readonly clock: Clock;
  /** Told when a flush failed for another reason than another process writing. */
  readonly onTrouble: (problem: Problem) => void;
}

/**
 * What is known of the files beside their bytes, in index.sqlite, which several processes share. Writes
 * gather for 250 ms (uses for 30 s) and go in one transaction; reads see this process's own at once, and
 * those of others within a second.
 */
export class CacheIndex {
  readonly database: DatabaseSync;
  readonly #clock: Clock;
  readonly #onTrouble: (problem: Problem) => void;
  readonly #writer: IndexWriter;
  readonly #pending = new PendingWrites();
  readonly #selectAnswer: StatementSync;
  readonly #selectVersion: StatementSync;
  readonly #answers = new LRUCache<FileKey, { answer: IndexedAnswer | null; readAt: number }>({ max: 10_000 });
  readonly #seen = new LRUCache<string, true>({ max: 20_000 });
  #counts = { modules: 0, versions: 0, readAt: Number.NEGATIVE_INFINITY };
  #timer: { readonly dueAt: number; readonly cancel: () => void } | null = null;

  constructor(parts: IndexParts) {
    this.database = parts.database;
    this.#clock = parts.clock;
    this.#onTrouble = parts.onTrouble;
    this.#writer = new IndexWriter(parts.database);
    this.#selectAnswer = parts.database.prepare("SELECT * FROM answers WHERE key = ?");
    this.#selectVersion = parts.database.prepare("SELECT first_seen FROM versions WHERE module = ? AND version = ?");
  }

  putFile(file: IndexedFile): void {
    this.#pending.removals.delete(file.key);
    this.#pending.files.set(file.key, file);
    this.#flushWithin(flushMs);
  }

  /** Forgets a file and its confirmation, unless it was stored anew after `storedAtMs`. */
  removeFile(key: FileKey, storedAtMs: number): void {
    this.#pending.files.delete(key);
    this.#pending.uses.delete(key);
    this.#pending.removals.set(key, { storedAtMs });
    this.#pending.answers.set(key, null);
    this.#flushWithin(flushMs);
  }

  noteUse(key: FileKey, atMs: number): void {
    this.#pending.uses.set(key, atMs);
    this.#flushWithin(usesFlushMs);
  }

  putAnswer(key: FileKey, answer: IndexedAnswer): void {
    this.#pending.answers.set(key, answer);
    this.#answers.delete(key);
    this.#flushWithin(flushMs);
  }

  /** Null where it was never confirmed. */
  answer(key: FileKey): IndexedAnswer | null {
    const pending = this.#pending.answers.get(key);
    if (pending !== undefined) return pending;
    const now = this.#clock.monotonic();
    const known = this.#answers.get(key);
    if (known && now < known.readAt + answerFreshMs) return known.answer;
    const answer = answerIn(this.#read(() => this.#selectAnswer.get(key)));
    this.#answers.set(key, { answer, readAt: now });
    return answer;
  }

  /** `atMs` is when it was first seen where the tree tells; null: at the time of writing it down. */
  recordSeen(module: string, version: string, atMs: number | null): void {
    const name = `${module} ${version}`;
    if (this.#seen.has(name) || this.#pending.seen.has(name)) return;
    this.#pending.seen.set(name, { module, version, atMs });
    this.#flushWithin(flushMs);
  }

  /** Remembers a fact of the index itself, written together with all that was said before. */
  putFact(name: "complete"): void {
    this.#pending.facts.add(name);
    this.#flushWithin(flushMs);
  }

  wasSeen(module: string, version: string): boolean {
    const name = `${module} ${version}`;
    if (this.#seen.has(name) || this.#pending.seen.has(name)) return true;
    const found = this.#read(() => this.#selectVersion.get(module, version)) !== undefined;
    if (found) this.#seen.set(name, true);
    return found;
  }

  /** Null where it was never seen. */
  firstSeenMs(module: string, version: string): number | null {
    if (this.#pending.seen.has(`${module} ${version}`)) this.flush();
    const row = this.#read(() => this.#selectVersion.get(module, version));
    return row === undefined ? null : Number(row["first_seen"]);
  }

  seenSince(sinceMs: number, limit: number): readonly SeenVersion[] {
    this.flush();
    const rows = this.#read(() =>
      this.database
        .prepare("SELECT module, version, first_seen FROM versions WHERE first_seen > ? ORDER BY first_seen LIMIT ?")
        .all(sinceMs, limit),
    );
    return rows.map((row) => ({
      module: String(row["module"]),
      version: String(row["version"]),
      firstSeenMs: Number(row["first_seen"]),
    }));
  }

  /** Files and bytes as of now. */
  totals(): { readonly files: number; readonly bytes: number } {
    this.flush();
    const row = this.#read(() => this.database.prepare("SELECT files, bytes FROM totals").get());
    return { files: Number(row?.["files"]), bytes: Number(row?.["bytes"]) };
  }

  /** Modules and versions that have files; counted at most once a minute. */
  counts(): { readonly modules: number; readonly versions: number } {
    const now = this.#clock.monotonic();
    if (now < this.#counts.readAt + countsFreshMs) return this.#counts;
    const row = this.#read(() =>
      this.database
        .prepare(
          `SELECT count(*) AS versions, count(DISTINCT module) AS modules
           FROM (SELECT DISTINCT module, version FROM files WHERE version IS NOT NULL)`,
        )
        .get(),
    );
    this.#counts = { modules: Number(row?.["modules"]), versions: Number(row?.["versions"]), readAt: now };
    return this.#counts;
  }

  /** Writes what is pending; false where that has to wait, and is tried again by itself. */
  flush(): boolean {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#pending.count === 0 || !this.database.isOpen) return true;
    try {
      this.#writer.write(this.#pending, this.#clock.now());
    } catch (error) {
      this.#flushWithin(isBusy(error) ? flushMs : retryMs);
      if (!isBusy(error)) this.#onTrouble(storeFailure("write index.sqlite", error));
      if (this.#pending.count > maxPending) this.#pending.clear();
      return false;
    }
    for (const name of this.#pending.seen.keys()) this.#seen.set(name, true);
    this.#pending.clear();
    return true;
  }

  close(): void {
    if (!this.database.isOpen) return;
    // Last chance: wait for other writers as long as an open does.
    this.database.exec("PRAGMA busy_timeout = 5000");
    this.flush();
    this.#timer?.cancel();
    this.database.close();
  }

  #flushWithin(delayMs: number): void {
    const dueAt = this.#clock.monotonic() + delayMs;
    if ((this.#timer && this.#timer.dueAt <= dueAt) || !this.database.isOpen) return;
    this.#timer?.cancel();
    this.#timer = { dueAt, cancel: this.#clock.after(delayMs, () => void this.flush()) };
  }

  #read<T>(query: () => T): T {
    try {
      return query();
    } catch (error) {
      throw storeFailure("read index.sqlite", error);
    }
  }
}

function answerIn(row: Record<string, unknown> | undefined): IndexedAnswer | null {
  if (!row) return null;
  const text = (column: string): string | null => (typeof row[column] === "string" ? row[column] : null);
  return {
    confirmedAtMs: Number(row["confirmed_at"]),
    upstream: text("upstream") ?? "",
    upstreamEtag: text("upstream_etag"),
    upstreamLastModified: text("upstream_last_modified"),
    bodyEtag: text("body_etag"),
  };
}
