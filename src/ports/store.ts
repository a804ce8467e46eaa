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

/**
 * A whole file of the cache. It stays readable while held, even where the cache drops or replaces it
 * meanwhile; there is nothing to close.
 */
export interface StoredFile {
  readonly key: FileKey;
  readonly size: number;
  /** When it became visible here, in whole milliseconds since 1970. */
  readonly storedAtMs: number;
  /**
   * A strong entity tag with its quotes: of the content where the file is small, of size and storing
   * time where it is large (as nginx does), so the same large file has another one on another machine.
   */
  readonly etag: string;
  /** The whole content where it is held in memory, else null: then stream(). Not to be changed. */
  readonly bytes: Buffer | null;
  /**
   * The content, or a part of it that lies within the file, in chunks of at most 256 KiB where it is
   * not in memory. A chunk is good until the next is asked for: who keeps it copies it. STORE_FAILED where it
   * can't be read.
   */
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
  /** Bytes written so far. */
  readonly size: number;
  /** Takes the bytes over: they must not change afterwards. */
  write(bytes: Uint8Array): Promise<void>;
  /** Reads what was written, for checks that need the end of a file before its start; fewer bytes at its end. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Brings what was written to a file for a worker that reads it itself; null where the store has no files. */
  onDisk(): Promise<string | null>;
  /**
   * The content as it will be served, readable at once: before, during and after commit(), also where
   * that fails or the file is discarded. Nothing can be written afterwards.
   */
  content(): StoredFile;
  /**
   * Makes the file visible under its key, whole and durable: fsync, rename, directory fsync.
   * STORE_FAILED where that fails; then nothing is visible and nothing is left over.
   */
  commit(): Promise<StoredFile>;
  /** Forgets it, unless it was committed: then waits for that. Also what leaving `await using` does. */
  discard(): Promise<void>;
}

/**
 * The right to be the one process that fetches a key. `held`: fetch, commit, then release. `busy`: another
 * process is at it; wait() ends with `visible` when the file was committed, with `freed` when that process
 * gave up, died or took longer than its deadline. A courtesy, no lock: in rare races two processes hold it.
 */
export type StoreFlight =
  | { readonly kind: "held"; release(): Promise<void> }
  | {
      readonly kind: "busy";
      /** Process id. */
      readonly heldBy: number;
      wait(signal: AbortSignal): Promise<"visible" | "freed">;
    };

/** Totals of the cache. */
export interface StoreStats {
  readonly files: number;
  readonly bytes: number;
  /** Modules and versions with at least one file here; up to a minute old. */
  readonly modules: number;
  readonly versions: number;
  /** Versions pinned, here or not. */
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
  /**
   * From memory, without waiting and without a look at the disk; undefined says nothing of the disk. What
   * it gives was on the disk at most 1 s ago, or 10 s where it is a version's file, which never changes.
   */
  peek(key: FileKey): StoredFile | undefined;
  /** From memory where it was seen on the disk within the last second, else from the disk. */
  find(key: FileKey): Promise<StoredFile | null>;
  stage(key: FileKey): Promise<StagedFile>;
  acquireFlight(key: FileKey): Promise<StoreFlight>;
  /**
   * What is known of a mutable answer, null where it was never confirmed. Its validators are null where
   * they belong to other content than the file has now. News of other processes come within a second.
   */
  answerMeta(key: FileKey): AnswerMeta | null;
  /** Remembers when and by whom the answer under `key` was confirmed; after commit(), never before. */
  confirm(key: FileKey, meta: AnswerMeta): void;
  remove(key: FileKey): Promise<void>;
  /** Remembers that the version was seen, if it was not: its first time stays. Cheap to repeat. */
  recordSeen(module: string, version: string): void;
  /** True where a version was seen here at any time, evicted or not. */
  wasSeen(module: string, version: string): boolean;
  /** When the version was first seen here, in milliseconds since 1970; null where it never was. */
  firstSeenMs(module: string, version: string): number | null;
  /**
   * Versions seen after `sinceMs`, oldest first, at most `limit`. No two versions have the same time, and
   * none appears later with an earlier one, so who asks on from the last time misses nothing.
   */
  seenSince(sinceMs: number, limit: number): readonly SeenVersion[];
  /** Canonical versions of a module whose .info is here, unordered; for answering list offline. */
  versionsOf(escapedModule: string): Promise<readonly string[]>;
  stats(): StoreStats;
  /** Writes what is not yet written and closes; files under way can still be read to their end. */
  close(): Promise<void>;
}
