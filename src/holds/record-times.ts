import { pseudoVersionTime } from "../gomod/version.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { ChecksumDatabase } from "../ports/checksum-database.ts";
import type { Sightings } from "../ports/sightings.ts";
import { tilePath } from "../sumdb/tile.ts";

type Database = Pick<ChecksumDatabase, "name" | "tile" | "latest">;

interface RecordTimesParts {
  readonly database: Database;
  readonly sightings: Sightings;
  readonly clock: Clock;
}

const tileRecords = 256;
// From so many on, the latest time in a tile may be a mistake of one of them.
const enoughTimes = 16;
// How far back the neighbours of a tile are asked for what they prove of it.
const neighbours = [0, 1, 2, 4, 8, 16, 32];
// The first record of a later time is a few behind the last one that was there by then.
const margin = 32;
const positionFreshMs = 15 * 60_000;

/**
 * About when a checksum database recorded what. A record has no time, but its number has: records are numbered in the
 * order of their making, so that
 * - a tree head seen here proves that its records were there by then;
 * - a pseudo-version bears the time of its commit, so that whoever recorded it, and everything after it, was later.
 *
 * The author of a version decides about none of that: to make a version look older than it is, one would have to be the
 * only one to record anything for thousands of records before it.
 */
export class RecordTimes {
  readonly #parts: RecordTimesParts;
  readonly #tileTimes = new Map<number, number | null>();
  readonly #positions = new Map<number, { readonly position: number; readonly askedAtMs: number }>();

  constructor(parts: RecordTimesParts) {
    this.#parts = parts;
  }

  /**
   * How many records the database surely had at that time: it may have had more, where its records hold no times.
   * Rejects as ChecksumDatabase.tile() does.
   */
  async recordsBy(atMs: number, signal: AbortSignal): Promise<number> {
    // As of a quarter of an hour: as good for whoever counts in days, and most questions are asked again and again.
    const wanted = Math.floor(atMs / positionFreshMs) * positionFreshMs;
    const { clock } = this.#parts;
    const known = this.#positions.get(wanted);
    if (known !== undefined && clock.now() < known.askedAtMs + positionFreshMs) return known.position;
    const position = await this.#search(wanted, signal);
    if (this.#positions.size > 1000) this.#positions.clear();
    this.#positions.set(wanted, { position, askedAtMs: clock.now() });
    return position;
  }

  /** About when the record was made, in milliseconds since 1970; null where nobody tells now. */
  async about(record: number, signal: AbortSignal): Promise<number | null> {
    const { database, sightings } = this.#parts;
    const by = sightings.headWith(database.name, record)?.atMs ?? null;
    try {
      const size = await this.#size(signal);
      const tile = Math.min(Math.floor(record / tileRecords), Math.floor(size / tileRecords) - 1);
      const time = tile < 0 ? null : await this.#timeOf(tile, signal);
      return time === null || by === null ? (time ?? by) : Math.min(time, by);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Problem) return by;
      throw error;
    }
  }

  async #search(atMs: number, signal: AbortSignal): Promise<number> {
    const { database, sightings } = this.#parts;
    const seen = sightings.headBy(database.name, atMs)?.size ?? 0;
    const size = await this.#size(signal);
    try {
      return Math.max(seen, await this.#searchBetween({ seen, size, atMs }, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Problem) || error.verdict === "damaged") throw error;
      // Some proxies pass on no records. What was seen here is enough, once it goes back so far.
      if (seen > 0) return seen;
      throw new Problem(
        "UPSTREAM_UNREACHABLE",
        `Nobody tells yet which versions ${database.name} had by ${day(atMs)}`,
        {
          hint: "let an upstream pass on the database's tile/8/data, or wait: the tree heads seen here will tell by then",
          tried: error.tried,
          cause: error,
        },
      );
    }
  }

  async #searchBetween(
    { seen, size, atMs }: { readonly seen: number; readonly size: number; readonly atMs: number },
    signal: AbortSignal,
  ): Promise<number> {
    const start = Math.ceil(seen / tileRecords);
    let first = start;
    let end = Math.floor(size / tileRecords);
    // The first full tile that was not there by then, as far as one can tell.
    while (first < end) {
      const middle = Math.floor((first + end) / 2);
      const time = await this.#timeOf(middle, signal);
      if (time !== null && time <= atMs) first = middle + 1;
      else end = middle;
    }
    if (first === start) return seen;
    const later = first < Math.floor(size / tileRecords) ? await this.#firstAfter(first, atMs, signal) : 0;
    return first * tileRecords + later - margin;
  }

  /** The place in the tile of the first record that bears a later time; 0 where none does. */
  async #firstAfter(tile: number, atMs: number, signal: AbortSignal): Promise<number> {
    const times = timesIn(await this.#records(tile, signal));
    return Math.max(
      0,
      times.findIndex((time) => time !== null && time > atMs),
    );
  }

  async #size(signal: AbortSignal): Promise<number> {
    const { database, sightings, clock } = this.#parts;
    const [, size = ""] = (await database.latest(signal)).toString().split("\n");
    const atMs = clock.now();
    sightings.seeHead(database.name, { size: Number(size), atMs });
    return Number(size);
  }

  /** A time after which the tile's records were made, as late as can be told; null where nothing tells. */
  async #timeOf(tile: number, signal: AbortSignal): Promise<number | null> {
    const before = [...new Set(neighbours.map((distance) => Math.max(0, tile - distance)))];
    const times = await Promise.all(before.map((number) => this.#tileTime(number, signal)));
    return times.reduce((latest, time) => (latest === null || (time !== null && time > latest) ? time : latest), null);
  }

  async #tileTime(number: number, signal: AbortSignal): Promise<number | null> {
    const known = this.#tileTimes.get(number);
    if (known !== undefined) return known;
    if (this.#tileTimes.size > 100_000) this.#tileTimes.clear();
    const now = this.#parts.clock.now();
    const times = timesIn(await this.#records(number, signal)).filter((time) => time !== null && time <= now);
    times.sort((one, other) => (other ?? 0) - (one ?? 0));
    const time = times[times.length >= enoughTimes ? 1 : 0] ?? null;
    this.#tileTimes.set(number, time);
    return time;
  }

  async #records(tile: number, signal: AbortSignal): Promise<string> {
    const path = tilePath({ level: 0, number: tile, width: tileRecords }).replace("/0/", "/data/");
    return (await this.#parts.database.tile(path, signal)).toString();
  }
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The commit time of each record, null where its version bears none. */
function timesIn(records: string): (number | null)[] {
  return records.split("\n\n").map((record) => pseudoVersionTime(record.split(" ", 2)[1] ?? ""));
}
