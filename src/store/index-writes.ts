import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { AnswerMeta, FileKey } from "../ports/store.ts";
import { placeOf } from "./cache-layout.ts";

/** A file as the index knows it. */
export interface IndexedFile {
  readonly key: FileKey;
  readonly size: number;
  readonly storedAtMs: number;
  readonly lastUsedMs: number;
}

/** An answer's confirmation, with the entity tag of the content that was confirmed; null where unknown. */
export interface IndexedAnswer extends AnswerMeta {
  readonly bodyEtag: string | null;
}

/** What is to be written at the next flush; each map by key, so that the last word counts. */
export class PendingWrites {
  readonly files = new Map<FileKey, IndexedFile>();
  /** Only the row of that storing time goes: another process may have stored the file anew. */
  readonly removals = new Map<FileKey, { readonly storedAtMs: number }>();
  readonly uses = new Map<FileKey, number>();
  readonly answers = new Map<FileKey, IndexedAnswer | null>();
  /** By `module version`; the time is given at the flush, or is `atMs`, for what is found in the tree. */
  readonly seen = new Map<
    string,
    { readonly module: string; readonly version: string; readonly atMs: number | null }
  >();

  readonly facts = new Set<string>();

  get count(): number {
    const { files, removals, uses, answers, seen, facts } = this;
    return [files, removals, uses, answers, seen, facts].reduce((sum, { size }) => sum + size, 0);
  }

  clear(): void {
    const { files, removals, uses, answers, seen, facts } = this;
    for (const each of [files, removals, uses, answers, seen, facts]) each.clear();
  }
}

/** Writes all that is pending in one transaction. */
export class IndexWriter {
  readonly #database: DatabaseSync;
  readonly #putFile: StatementSync;
  readonly #removeFile: StatementSync;
  readonly #useFile: StatementSync;
  readonly #putAnswer: StatementSync;
  readonly #removeAnswer: StatementSync;
  readonly #putVersion: StatementSync;
  readonly #lastSeen: StatementSync;
  readonly #putFact: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#putFile = database.prepare(
      `INSERT INTO files (key, module, version, size, stored_at, last_used) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET size = excluded.size, stored_at = excluded.stored_at,
         last_used = max(last_used, excluded.last_used)`,
    );
    this.#removeFile = database.prepare("DELETE FROM files WHERE key = ? AND stored_at <= ?");
    this.#useFile = database.prepare("UPDATE files SET last_used = ? WHERE key = ? AND last_used < ?");
    this.#putAnswer = database.prepare(
      `INSERT INTO answers (key, confirmed_at, upstream, upstream_etag, upstream_last_modified, body_etag)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET confirmed_at = excluded.confirmed_at, upstream = excluded.upstream,
         upstream_etag = excluded.upstream_etag, upstream_last_modified = excluded.upstream_last_modified,
         body_etag = excluded.body_etag`,
    );
    this.#removeAnswer = database.prepare("DELETE FROM answers WHERE key = ?");
    this.#putVersion = database.prepare(
      "INSERT INTO versions (module, version, first_seen) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    );
    this.#putFact = database.prepare("INSERT INTO facts (name, value) VALUES (?, 1) ON CONFLICT DO NOTHING");
    this.#lastSeen = database.prepare("SELECT coalesce(max(first_seen), 0) AS last FROM versions");
  }

  /** Throws what SQLite throws, with nothing written. */
  write(pending: PendingWrites, nowMs: number): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const [key, { storedAtMs }] of pending.removals) this.#removeFile.run(key, storedAtMs);
      for (const file of pending.files.values()) {
        const place = placeOf(file.key);
        const { key, size, storedAtMs, lastUsedMs } = file;
        this.#putFile.run(key, place?.module ?? null, place?.version ?? null, size, storedAtMs, lastUsedMs);
      }
      for (const [key, atMs] of pending.uses) this.#useFile.run(atMs, key, atMs);
      for (const [key, answer] of pending.answers) this.#writeAnswer(key, answer);
      this.#writeVersions(pending, nowMs);
      for (const name of pending.facts) this.#putFact.run(name);
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #writeAnswer(key: FileKey, answer: IndexedAnswer | null): void {
    if (!answer) return void this.#removeAnswer.run(key);
    const { confirmedAtMs, upstream, upstreamEtag, upstreamLastModified, bodyEtag } = answer;
    this.#putAnswer.run(key, Math.round(confirmedAtMs), upstream, upstreamEtag, upstreamLastModified, bodyEtag);
  }

  // Given inside the transaction and rising, so that no version ever appears before one already read.
  #writeVersions(pending: PendingWrites, nowMs: number): void {
    if (pending.seen.size === 0) return;
    let last = Number(this.#lastSeen.get()?.["last"]);
    for (const { module, version, atMs } of pending.seen.values()) {
      const at = atMs ?? Math.max(Math.floor(nowMs), last + 1);
      const { changes } = this.#putVersion.run(module, version, at);
      if (changes > 0) last = Math.max(last, at);
    }
  }
}
