import { LRUCache } from "lru-cache";
import { Problem } from "../kernel/problem.ts";
import { SharedRuns } from "../kernel/shared-runs.ts";
import type { SumdbOperations } from "../ports/checksum-database.ts";
import { HashedTile } from "./hashed-tile.ts";
import type { TreeNode } from "./merkle.ts";
import { type ProvedTiles, proveTiles } from "./proved-tiles.ts";
import { fullTileOf, type Tile, tileBytes, tilePath, tilesThatProve } from "./tile.ts";
import type { SignedHead } from "./tree-head.ts";

/** Proved tiles that are not kept yet. */
export interface ReadTiles extends ProvedTiles {
  /** Keeps them, once the tree that they belong to is believed. */
  keep(): Promise<void>;
}

interface ReadTile {
  readonly tile: Tile;
  readonly hashed: HashedTile;
  /** What is in the cache need not be kept; what is in memory may have gone from there. */
  readonly from: "memory" | "cache" | "remote";
}

/** From the nearest to the surest. */
export type Way = "cache" | "any" | "database";

// 256 hashes and as many above them: about 16 KiB each where the tile is full.
const tilesInMemory = 512;

/** Reads tiles, from memory and cache first, and gives out nothing of them that is not proved. */
export class TileReader {
  readonly #name: string;
  readonly #operations: SumdbOperations;
  // Proved and of a believed tree; proved again all the same, since another head may not agree.
  readonly #memory = new LRUCache<string, HashedTile>({ max: tilesInMemory });
  readonly #runs = new SharedRuns<Buffer>();

  constructor(name: string, operations: SumdbOperations) {
    this.#name = name;
    this.#operations = operations;
  }

  /**
   * The tiles that prove these nodes of the tree under `head`. Where what the cache has does not fit, everything is
   * asked anew, in the end of the database itself. SUMDB_DAMAGED where that does not help.
   */
  async read(head: SignedHead, nodes: readonly TreeNode[], signal: AbortSignal): Promise<ReadTiles> {
    const tiles = tilesThatProve(nodes, head.size);
    let refused: Problem | null = null;
    let isAllRemote = false;
    for (const way of ["cache", "any", "database"] as const) {
      if (way === "any" && isAllRemote) continue;
      try {
        const read = await Promise.all(tiles.map((tile) => this.#readTile(tile, way, signal)));
        const proved = proveTiles(head, tiles, new Map(read.map(({ tile, hashed }) => [tilePath(tile), hashed])));
        if (proved !== null) return { ...proved, keep: () => this.#keep(read) };
        refused = this.#disagreement(head, read);
        isAllRemote = read.every(({ from }) => from === "remote");
      } catch (error) {
        signal.throwIfAborted();
        if (!isDamage(error)) throw refused ?? error;
        refused = error;
      }
    }
    throw refused ?? new Error("no way was gone");
  }

  async #readTile(tile: Tile, way: Way, signal: AbortSignal): Promise<ReadTile> {
    if (way === "cache") {
      const hashed = this.#memory.get(tilePath(tile));
      if (hashed) return { tile, hashed, from: "memory" };
      const cached = await this.#cached(tile);
      if (cached) return { tile, hashed: new HashedTile(cached), from: "cache" };
    }
    const source = way === "database" ? "database" : "any";
    const bytes = await this.#runs.join(`${source} ${tilePath(tile)}`, signal, (shared) =>
      this.#remote(tile, source, shared),
    );
    return { tile, hashed: new HashedTile(bytes), from: "remote" };
  }

  async #cached(tile: Tile): Promise<Buffer | null> {
    const want = tileBytes(tile);
    const exact = await this.#operations.readCached(this.#key(tile));
    if (exact?.length === want) return Buffer.from(exact);
    const full = fullTileOf(tile);
    const wide = full && (await this.#operations.readCached(this.#key(full)));
    return full && wide?.length === tileBytes(full) ? Buffer.from(wide.subarray(0, want)) : null;
  }

  /** The tile, or the beginning of the full one where the database has no partial ones any more. */
  async #remote(tile: Tile, source: "any" | "database", signal: AbortSignal): Promise<Buffer> {
    const full = fullTileOf(tile);
    for (const wanted of full ? [tile, full] : [tile]) {
      const path = tilePath(wanted);
      const accept = (bytes: Uint8Array): void => this.#checkLength(wanted, bytes);
      try {
        const bytes = await this.#operations.readRemote({ path, source, accept }, signal);
        return Buffer.from(bytes.subarray(0, tileBytes(tile)));
      } catch (error) {
        if (!isAbsence(error)) throw error;
      }
    }
    throw new Problem("SUMDB_DAMAGED", `The checksum database ${this.#name} has no ${tilePath(tile)}`, {
      hint: "its signed tree promises it: whoever was asked may be behind; try again",
      evidence: { database: this.#name, path: tilePath(tile) },
    });
  }

  #checkLength(tile: Tile, bytes: Uint8Array): void {
    if (bytes.length === tileBytes(tile)) return;
    const path = tilePath(tile);
    const message = `The checksum database ${this.#name} answered ${path} with ${bytes.length} bytes, not ${tileBytes(tile)}`;
    const got = Buffer.from(bytes.subarray(0, 1024)).toString("base64");
    throw new Problem("SUMDB_DAMAGED", message, { evidence: { database: this.#name, path, got } });
  }

  #disagreement(head: SignedHead, read: readonly ReadTile[]): Problem {
    const message = `The tiles of the checksum database ${this.#name} do not add up to its signed tree of ${head.size} records`;
    const tiles = Object.fromEntries(read.map(({ tile, hashed }) => [tilePath(tile), hashed.bytes.toString("base64")]));
    return new Problem("SUMDB_DAMAGED", message, { evidence: { database: this.#name, head: head.note, tiles } });
  }

  async #keep(read: readonly ReadTile[]): Promise<void> {
    for (const { tile, hashed } of read) this.#memory.set(tilePath(tile), hashed);
    await Promise.all(read.map((one) => this.#keepOne(one)));
  }

  async #keepOne({ tile, hashed, from }: ReadTile): Promise<void> {
    const key = this.#key(tile);
    const isKept = from === "cache" || (from === "memory" && (await this.#operations.readCached(key)) !== null);
    if (!isKept) await this.#operations.writeCached(key, hashed.bytes);
  }

  #key(tile: Tile): string {
    return `sumdb/${this.#name}/${tilePath(tile)}`;
  }
}

/** True where a remote says that there is no such thing, which is not what a cache alone can say. */
export function isAbsence(error: unknown): error is Problem {
  return error instanceof Problem && (error.code === "MODULE_ABSENT" || error.code === "MODULE_GONE");
}

/** True where an answer came and is not what was asked for, so that another may be better. */
export function isDamage(error: unknown): error is Problem {
  return error instanceof Problem && error.verdict === "damaged";
}
