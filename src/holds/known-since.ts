import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { ChecksumDatabase } from "../ports/checksum-database.ts";
import type { HeldModule } from "../ports/hold.ts";
import type { Sightings } from "../ports/sightings.ts";
import type { Store } from "../ports/store.ts";
import { RecordTimes } from "./record-times.ts";

interface KnownSinceParts {
  /** The database that knows the module; null: none does. */
  readonly databaseOf: (module: string) => ChecksumDatabase | null;
  readonly sightings: Sightings;
  readonly store: Pick<Store, "firstSeenMs">;
  /** What cannot be asked does not count against a version's age alone; it stands as first seen here. */
  readonly isOffline: boolean;
  readonly clock: Clock;
}

/** A version that was not known by a time. */
export interface Unknown {
  /** About when it was first known, in milliseconds since 1970. */
  readonly sinceMs: number;
}

/**
 * Since when versions have been known to the world: by when they were first seen here, and by where they stand in the
 * checksum database. The time that an author writes into a commit plays no part.
 */
export class KnownSince {
  readonly #parts: KnownSinceParts;
  readonly #times = new Map<string, RecordTimes>();

  constructor(parts: KnownSinceParts) {
    this.#parts = parts;
  }

  /**
   * Those of the versions that were not known at `atMs`, as far as can be told. `exist`: an upstream has said that they
   * do; else asking for one does not make it known. Rejects as ChecksumDatabase.lookup() does where the database cannot
   * be asked, because then nothing can be said of a version that is new here.
   */
  async notKnownBy(
    { module, isPrivate }: HeldModule,
    versions: readonly string[],
    { atMs, exist, signal }: { readonly atMs: number; readonly exist: boolean; readonly signal: AbortSignal },
  ): Promise<ReadonlyMap<string, Unknown>> {
    const { sightings, store, clock } = this.#parts;
    const database = isPrivate ? null : this.#parts.databaseOf(module);
    const now = clock.now();
    const known = sightings.known(module);
    const young = new Map<string, Unknown>();
    for (const version of versions) {
      // An .info that was served says nothing of the content; where a database can be asked, its record does.
      const servedMs = database === null || this.#parts.isOffline ? store.firstSeenMs(module, version) : null;
      const sinceMs = Math.min(known.get(version) ?? now, servedMs ?? now);
      if (sinceMs > atMs) young.set(version, { sinceMs });
    }
    if (database !== null) await this.#askDatabase(database, young, { module, atMs, signal });
    // A tag can be moved until its content is recorded; only where nobody records it does being listed count.
    else if (exist) this.#noteNew(module, young.keys(), known);
    return young;
  }

  #noteNew(module: string, versions: Iterable<string>, known: ReadonlyMap<string, number>): void {
    const fresh = [...versions].filter((version) => !known.has(version));
    if (fresh.length > 0) this.#parts.sightings.see(module, fresh, this.#parts.clock.now());
  }

  /** Takes out what the database had by then, and tells about when it got the others. */
  async #askDatabase(
    database: ChecksumDatabase,
    young: Map<string, Unknown>,
    { module, atMs, signal }: { readonly module: string; readonly atMs: number; readonly signal: AbortSignal },
  ): Promise<void> {
    if (young.size === 0) return;
    const times = this.#timesOf(database);
    const position = await this.#unlessOffline(times.recordsBy(atMs, signal));
    if (position === null) return;
    const old: string[] = [];
    await Promise.all(
      [...young].map(async ([version, { sinceMs }]) => {
        const record = await this.#recordOf(database, { module, version }, signal);
        if (record === null) return;
        if (record < position) {
          old.push(version);
          return;
        }
        const about = await times.about(record, signal);
        if (about !== null) young.set(version, { sinceMs: Math.max(atMs, Math.min(sinceMs, about)) });
      }),
    );
    for (const version of old) young.delete(version);
    this.#parts.sightings.see(module, old, atMs);
  }

  /** Null for a version that the database does not have: then it is as old as here. */
  async #recordOf(
    database: ChecksumDatabase,
    { module, version }: { readonly module: string; readonly version: string },
    signal: AbortSignal,
  ): Promise<number | null> {
    try {
      return (await this.#unlessOffline(database.lookup(module, version, signal)))?.record ?? null;
    } catch (error) {
      if (error instanceof Problem && error.code === "SUMDB_UNKNOWN") return null;
      throw error;
    }
  }

  async #unlessOffline<T>(asked: Promise<T>): Promise<T | null> {
    try {
      return await asked;
    } catch (error) {
      if (this.#parts.isOffline && error instanceof Problem && error.verdict === "unreachable") return null;
      throw error;
    }
  }

  #timesOf(database: ChecksumDatabase): RecordTimes {
    const known = this.#times.get(database.name);
    if (known !== undefined) return known;
    const { sightings, clock } = this.#parts;
    const times = new RecordTimes({ database, sightings, clock });
    this.#times.set(database.name, times);
    return times;
  }
}
