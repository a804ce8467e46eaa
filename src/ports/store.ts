/**
 * A place in the file tree: the path below the cache folder, escaped as the protocol escapes it, such
 * as `example.com/!upper/@v/v1.0.0.info`. Made by gomod alone, from checked paths, so it cannot leave
 * the folder.
 */
export type FileKey = string;

/** Bytes from `start` up to and with `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A whole file of the cache. It stays readable while held, even where the cache drops it meanwhile. */
export interface StoredFile {
  readonly key: FileKey;
  readonly size: number;
  /** When it became visible here, in milliseconds since 1970. */
  readonly storedAtMs: number;
  /** A strong entity tag with its quotes. */
  readonly etag: string;
  /** The whole content where it is held in memory, else null: then stream(). */
  readonly bytes: Buffer | null;
  /** The content, or a part of it, in chunks; STORE_FAILED where it can't be read. */
  stream(range?: ByteRange): AsyncIterable<Uint8Array>;
}

/** What is known of a mutable answer (list, @latest, a query's .info, the checksum database's latest). */
export interface AnswerMeta {
  /** When an upstream last said that this is the answer. */
  readonly confirmedAtMs: number;
  /** The upstream that said it. */
  readonly upstream: string;
  /** Validators of the upstream, for asking again; null where it gave none. */
  readonly upstreamEtag: string | null;
  readonly upstreamLastModified: string | null;
}

/** A file on its way in: invisible until commit(). */
export interface StagedFile extends AsyncDisposable {
  readonly size: number;
  write(bytes: Uint8Array): Promise<void>;
  /** Reads what was written, for checks that need the end of a file before its start. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** The path of the staged file, for a worker that reads it itself. */
  readonly path: string;
  /** Makes the file visible under its key, whole and durable: fsync, rename, directory fsync. */
  commit(): Promise<StoredFile>;
  /** Forgets it; also what leaving `await using` without commit() does. */
  discard(): Promise<void>;
}

/** Totals of the cache. */
export interface StoreStats {
  readonly files: number;
  readonly bytes: number;
  readonly modules: number;
  readonly versions: number;
  readonly pinned: number;
  readonly maxBytes: number | null;
}

/** One version as /index prints it. */
export interface SeenVersion {
  readonly module: string;
  readonly version: string;
  readonly firstSeenMs: number;
}

/** Files by key. Nothing is visible before it is whole; a miss is null; failures are STORE_FAILED. */
export interface Store {
  /** From memory, without waiting; undefined says nothing of the disk. */
  peek(key: FileKey): StoredFile | undefined;
  find(key: FileKey): Promise<StoredFile | null>;
  stage(key: FileKey): Promise<StagedFile>;
  /** What is known of a mutable answer, null where it was never confirmed. */
  answerMeta(key: FileKey): AnswerMeta | null;
  /** Remembers when and by whom the answer under `key` was confirmed; after commit(), never before. */
  confirm(key: FileKey, meta: AnswerMeta): void;
  remove(key: FileKey): Promise<void>;
  /** Remembers that the version was seen, if it was not: its first time stays. */
  recordSeen(module: string, version: string): void;
  /** True where a version was seen here at any time, evicted or not. */
  wasSeen(module: string, version: string): boolean;
  /** Versions seen after `sinceMs`, oldest first, at most `limit`. */
  seenSince(sinceMs: number, limit: number): readonly SeenVersion[];
  /** Canonical versions of a module whose .info is here, unordered; for answering list offline. */
  versionsOf(escapedModule: string): Promise<readonly string[]>;
  stats(): StoreStats;
  close(): Promise<void>;
}
