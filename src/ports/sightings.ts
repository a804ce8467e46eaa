/** A signed tree head, as it was seen here. */
export interface HeadSighting {
  /** How many records the tree had. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** When things were first seen here: what the age of a version is told by. What is seen stays seen. */
export interface Sightings {
  /** Since when the module's versions are known, in milliseconds since 1970. STORE_FAILED where it can't be read. */
  known(module: string): ReadonlyMap<string, number>;
  /** Remembers that versions are known since then, unless they were known before. STORE_FAILED where it can't. */
  see(module: string, versions: readonly string[], atMs: number): void;
  /** Notes the tree of a database, at most once an hour. STORE_FAILED. */
  seeHead(database: string, head: HeadSighting): void;
  /** The largest tree of a database that was seen by then; null where none was. STORE_FAILED. */
  headBy(database: string, atMs: number): HeadSighting | null;
  /** The smallest tree that has the record of this number; null where none was seen. STORE_FAILED. */
  headWith(database: string, record: number): HeadSighting | null;
  close(): void;
}
