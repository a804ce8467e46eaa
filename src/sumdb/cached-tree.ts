import { LRUCache } from "lru-cache";
import { Problem } from "../kernel/problem.ts";
import { HashedTile } from "./hashed-tile.ts";
import { joinHashes, nodesOfRange, type RecordRange, type TreeNode } from "./merkle.ts";
import { isEdge, parentOf, placeInParent, placeInTile, type Tile, tileBytes, tileOfNode, tilePath } from "./tile.ts";
import type { TreeHead } from "./tree-head.ts";

// About 16 KiB each.
const tilesInMemory = 4096;

/**
 * The tree under a trusted head, as far as the tiles of a cache prove it without a network. What it gives follows from
 * the head's root, tile by tile from the top down, so that the one that is wrong can be named. Everything rejects with
 * SUMDB_DAMAGED where a tile is wrong, and with NOT_IN_CACHE where one is not there.
 */
export class CachedTree {
  readonly head: TreeHead;
  readonly #read: (path: string) => Promise<Uint8Array | null>;
  readonly #proved = new LRUCache<string, HashedTile>({ max: tilesInMemory });
  #edge: Promise<void> | null = null;

  /** `read` gives what the cache has under `tile/8/LEVEL/NUMBER[.p/WIDTH]`. */
  constructor(head: TreeHead, read: (path: string) => Promise<Uint8Array | null>) {
    this.head = head;
    this.#read = read;
  }

  /** The tile that has a node, as wide as the tree makes it. The node must be in the tree. */
  tileOf(node: TreeNode): Promise<HashedTile> {
    return this.#tile(tileOfNode(node, this.head.size));
  }

  /** The hash of a node of the tree. */
  async nodeHash(node: TreeNode): Promise<Buffer> {
    const { rise, place } = placeInTile(node);
    return (await this.tileOf(node)).hash(rise, place);
  }

  /** The root over the first records, at most as many as the tree has. */
  async rootOfFirst(records: number): Promise<Buffer> {
    const hashes: Buffer[] = [];
    for (const node of nodesOfRange(firstOf(records))) hashes.push(await this.nodeHash(node));
    return joinHashes(hashes);
  }

  async #tile(tile: Tile): Promise<HashedTile> {
    const path = tilePath(tile);
    const known = this.#proved.get(path);
    if (known) return known;
    const hashed = await this.#load(tile);
    if (isEdge(tile)) {
      await (this.#edge ??= this.#proveEdge());
    } else {
      const parent = await this.#tile(parentOf(tile, this.head.size));
      if (!parent.hash(0, placeInParent(tile)).equals(hashed.root)) {
        throw new Problem("SUMDB_DAMAGED", `${path} is not the tile that the tile above it says`);
      }
    }
    this.#proved.set(path, hashed);
    return hashed;
  }

  /** The tiles that the tree ends in make up its root together: one alone proves nothing. */
  async #proveEdge(): Promise<void> {
    const { size, root } = this.head;
    const hashes: Buffer[] = [];
    const paths = new Set<string>();
    for (const node of nodesOfRange(firstOf(size))) {
      const tile = tileOfNode(node, size);
      paths.add(tilePath(tile));
      const { rise, place } = placeInTile(node);
      hashes.push((await this.#load(tile)).hash(rise, place));
    }
    if (joinHashes(hashes).equals(root)) return;
    const message = `${[...paths].join(" and ")} do not add up to the trusted tree head of ${size} records`;
    throw new Problem("SUMDB_DAMAGED", message);
  }

  async #load(tile: Tile): Promise<HashedTile> {
    const path = tilePath(tile);
    const bytes = await this.#read(path);
    if (bytes === null) throw new Problem("NOT_IN_CACHE", `${path}, which would prove it, is not in the cache`);
    if (bytes.length === tileBytes(tile)) return new HashedTile(Buffer.from(bytes));
    throw new Problem("SUMDB_DAMAGED", `${path} has ${bytes.length} bytes, not ${tileBytes(tile)}`);
  }
}

function firstOf(records: number): RecordRange {
  return { start: 0, end: records };
}
