import { Problem } from "../kernel/problem.ts";
import type { SumdbOperations } from "../ports/checksum-database.ts";
import { type AskedTile, askedPath, fullAskedOf, parseAskedTile, recordsUnder } from "./asked-tile.ts";
import { firstRecords, isDataTileOf } from "./data-tile.ts";
import type { LatestHead } from "./latest-head.ts";
import { type Tile, tileHeight } from "./tile.ts";
import { isAbsence, isDamage, type TileReader } from "./tile-reader.ts";
import type { SignedHead } from "./tree-head.ts";

interface Parts {
  /** The name of the database. */
  readonly name: string;
  readonly operations: SumdbOperations;
  readonly tiles: TileReader;
  readonly head: LatestHead;
}

/** Proves the tiles that clients ask for, and puts them where clients get them from. */
export class TileProver {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** As ChecksumDatabase.tile(). */
  async prove(path: string, signal: AbortSignal): Promise<Buffer> {
    const { name, head } = this.#parts;
    const asked = parseAskedTile(path);
    if (asked === null) throw new Problem("MODULE_ABSENT", `The checksum database ${name} has no ${path}`);
    const records = recordsUnder(asked.tile);
    const latest = await head.reaching(records, signal);
    if (latest.size < records) {
      const message = `The checksum database ${name} has no ${path}: its tree has ${latest.size} records`;
      throw new Problem("MODULE_ABSENT", message);
    }
    const hashes = await this.#hashesOf(asked.tile, latest, signal);
    if (asked.holds === "records") return this.#proveRecords(asked, { latest, hashes, signal });
    await this.#keep(path, hashes);
    return hashes;
  }

  /** Out of the tile that the tree has there, which may be wider; that one is proved and kept. */
  async #hashesOf({ level, number, width }: Tile, head: SignedHead, signal: AbortSignal): Promise<Buffer> {
    const nodes = Array.from({ length: width }, (_, place) => ({
      level: tileHeight * level,
      number: number * 2 ** tileHeight + place,
    }));
    const read = await this.#parts.tiles.read(head, nodes.slice(0, 1), signal);
    await read.keep();
    return Buffer.concat(nodes.map((node) => read.nodeHash(node)));
  }

  async #proveRecords(
    asked: AskedTile,
    { latest, hashes, signal }: { readonly latest: SignedHead; readonly hashes: Buffer; readonly signal: AbortSignal },
  ): Promise<Buffer> {
    const path = askedPath(asked);
    let refused: Problem | null = null;
    for (const way of ["cache", "any", "database"] as const) {
      try {
        const bytes = way === "cache" ? await this.#cached(path) : await this.#remote(asked, way, signal);
        if (bytes === null) continue;
        if (isDataTileOf(bytes, hashes)) {
          if (way !== "cache") await this.#keep(path, bytes);
          return bytes;
        }
        refused = this.#otherRecords(path, bytes, latest);
      } catch (error) {
        signal.throwIfAborted();
        if (!isDamage(error)) throw refused ?? error;
        refused = error;
      }
    }
    throw refused ?? new Error("no way was gone");
  }

  async #cached(path: string): Promise<Buffer | null> {
    const bytes = await this.#parts.operations.readCached(this.#key(path));
    return bytes && Buffer.from(bytes);
  }

  /** The records, or the first of the full tile's where the database has no partial ones any more. */
  async #remote(asked: AskedTile, source: "any" | "database", signal: AbortSignal): Promise<Buffer> {
    const { width } = asked.tile;
    const full = fullAskedOf(asked);
    let absent: Problem | null = null;
    for (const wanted of full ? [asked, full] : [asked]) {
      const path = askedPath(wanted);
      const accept = (bytes: Uint8Array): void => void this.#first(path, bytes, width);
      try {
        return this.#first(path, await this.#parts.operations.readRemote({ path, source, accept }, signal), width);
      } catch (error) {
        if (!isAbsence(error)) throw error;
        absent ??= error;
      }
    }
    // Unlike hashes, records are nothing that a signed tree promises to give out.
    throw absent ?? new Error("nothing was asked");
  }

  #first(path: string, bytes: Uint8Array, count: number): Buffer {
    const first = firstRecords(bytes, count);
    if (first !== null) return first;
    const message = `The checksum database ${this.#parts.name} answered ${path} with what is no ${count} records`;
    throw new Problem("SUMDB_DAMAGED", message, { evidence: this.#evidence(path, bytes) });
  }

  #otherRecords(path: string, bytes: Uint8Array, latest: SignedHead): Problem {
    const message = `The checksum database ${this.#parts.name} answered ${path} with records that are not in its signed tree`;
    return new Problem("SUMDB_DAMAGED", message, { evidence: { ...this.#evidence(path, bytes), head: latest.note } });
  }

  #evidence(path: string, bytes: Uint8Array): Record<string, unknown> {
    const got = Buffer.from(bytes.subarray(0, 16 * 1024)).toString("base64");
    return { database: this.#parts.name, path, got };
  }

  async #keep(path: string, bytes: Buffer): Promise<void> {
    const kept = await this.#cached(path);
    if (!kept?.equals(bytes)) await this.#parts.operations.writeCached(this.#key(path), bytes);
  }

  #key(path: string): string {
    return `sumdb/${this.#parts.name}/${path}`;
  }
}
