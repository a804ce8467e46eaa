import type { FileKey } from "./store.ts";
import type { Register } from "./register.ts";

/**
 * A checksum database that is believed in nothing but what it proves. https://go.dev/ref/mod#checksum-database
 *
 * A private module must never be looked up: whoever asks knows which are, the database does not.
 */
export interface ChecksumDatabase {
  /** As clients name it, with its path where it has one. */
  readonly name: string;
  /**
   * The hashes that the database has recorded for a canonical version, proved to stand in its signed tree, which
   * itself is proved to go on from the last one seen here. Rejects with
   * - SUMDB_UNKNOWN where the database does not know the version (404, 410): nothing can prove its files;
   * - SUMDB_DAMAGED where an answer is not signed, or not in the tree; the evidence has what came;
   * - SUMDB_FORK where the database has signed two histories, from then on for every lookup, with the same evidence;
   * - what readRemote() rejects with otherwise, such as UPSTREAM_UNREACHABLE, or the signal's reason.
   */
  lookup(module: string, version: string, signal: AbortSignal): Promise<ProvedHashes>;
  /**
   * The tile at `tile/8/LEVEL/NUMBER[.p/WIDTH]`, or the records at `tile/8/data/…`, proved to stand in a signed tree
   * that goes on from the last one seen here; kept under that path. MODULE_ABSENT where the tree does not reach so far,
   * or where the height is another; SUMDB_DAMAGED where nobody has it as the tree says; else rejects as lookup() does.
   */
  tile(path: string, signal: AbortSignal): Promise<Buffer>;
  /**
   * The latest signed tree head: what the database says now, or the one seen here where that has more records. Keeps
   * it as the one that everything must be consistent with. Rejects as lookup() does.
   */
  latest(signal: AbortSignal): Promise<Buffer>;
}

/** What a lookup has proved, with all that is needed to prove it again without a network. */
export interface ProvedHashes {
  readonly database: string;
  readonly module: string;
  readonly version: string;
  /** `h1:…` of the zip, as go.sum writes it. */
  readonly zip: string;
  /** `h1:…` of the go.mod. */
  readonly mod: string;
  /** The number and the text of the record in the tree. */
  readonly record: number;
  readonly text: string;
  /** The signed tree head that the record is proved against. */
  readonly head: string;
  /** The hashes from the record up to the root, in base64. https://www.rfc-editor.org/rfc/rfc6962#section-2.1.1 */
  readonly proof: readonly string[];
}

/** Two signed tree heads of one database that exclude each other, and the proof of it for anybody. */
export interface ForkEvidence {
  readonly database: string;
  /** The signed tree head with fewer records. */
  readonly older: string;
  readonly newer: string;
  /** The root over the first records, as many as the older head has, of the newer tree: not the older head's. Base64. */
  readonly rootInNewer: string;
  /** Proves that the newer tree begins with rootInNewer. https://www.rfc-editor.org/rfc/rfc6962#section-2.1.2 */
  readonly proof: readonly string[];
}

/** One question to the database. */
export interface RemoteAsk {
  /** `lookup/MODULE@VERSION` with `!` for upper case, `latest`, or `tile/8/LEVEL/NUMBER[.p/WIDTH]`. */
  readonly path: string;
  /** `any`: whoever is near; `database`: itself, because what somebody on the way said has proved wrong. */
  readonly source: "any" | "database";
  /** Throws SUMDB_DAMAGED where these bytes are not what was asked for, so that the next source is asked. */
  readonly accept: (bytes: Uint8Array) => void;
}

/** All that a verifying client needs of the world. Safe to be called by many lookups at once. */
export interface SumdbOperations {
  /**
   * The bytes at a path of the database, accepted. MODULE_ABSENT or MODULE_GONE only where the database has no such
   * thing; SUMDB_DAMAGED with what accept() said where nobody had better; else as a Chain rejects. Bounds what it reads.
   */
  readRemote(ask: RemoteAsk, signal: AbortSignal): Promise<Uint8Array>;
  /** What is kept under `sumdb/NAME/…`; null where there is nothing. It need not be right: the client proves it. */
  readCached(key: FileKey): Promise<Uint8Array | null>;
  /** Keeps what was proved, for ever, in place of what is there. Never rejects: what can't be kept is asked for again. */
  writeCached(key: FileKey, bytes: Uint8Array): Promise<void>;
  /** The latest tree head, and a fork where one was found: what all processes agree on. */
  readonly trust: Register;
}

/** An answer of a checksum database in the cache. */
export interface KeptAnswer {
  readonly key: FileKey;
  readonly op: "latest" | "lookup" | "tile";
  /** Below the database: `lookup/…`, `tile/…` or `latest`. */
  readonly path: string;
}
