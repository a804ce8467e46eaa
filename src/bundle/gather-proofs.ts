import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import type { ChecksumDatabase, ProvedHashes } from "../ports/checksum-database.ts";
import { proofTiles, sizeOfHead } from "../sumdb/proof-tiles.ts";

/** A version of a bundle, as its database proves it. */
export interface ProvedVersion {
  readonly module: string;
  readonly version: string;
}

/** Everything that proves versions of one database to a client that has nothing but its key. */
export interface GatheredProofs {
  readonly head: string;
  readonly hashes: ReadonlyMap<string, ProvedHashes>;
  /** Lookups, tiles and the latest head, by their place in the file tree. */
  readonly files: ReadonlyMap<string, Buffer>;
}

const atOnce = 16;

/**
 * Looks the versions up, all against one tree head, and collects lookups and tiles, and what proves that the tree goes
 * on from those of `olderSizes`. Rejects as ChecksumDatabase.lookup() and tile() do.
 */
export async function gatherProofs(
  database: ChecksumDatabase,
  versions: readonly ProvedVersion[],
  { olderSizes, signal }: { readonly olderSizes: readonly number[]; readonly signal: AbortSignal },
): Promise<GatheredProofs> {
  const { hashes, head } = await lookUpAll(database, versions, signal);
  const size = sizeOfHead(head) ?? 0;
  const records = [...hashes.values()].map(({ record }) => record);
  const files = new Map<string, Buffer>([[`sumdb/${database.name}/latest`, Buffer.from(head)]]);
  for (const { module, version, record, text } of hashes.values()) {
    const key = `sumdb/${database.name}/lookup/${escapeModulePath(module)}@${escapeVersion(version)}`;
    // Under the one head that the tiles here belong to.
    files.set(key, Buffer.from(`${record}\n${text}\n${head}`));
  }
  const paths = proofTiles(size, { records, olderSizes });
  const tiles = await inTurns(paths, async (path) => [path, await database.tile(path, signal)] as const);
  for (const [path, bytes] of tiles) files.set(`sumdb/${database.name}/${path}`, bytes);
  return { head, hashes, files };
}

/** Each lookup is proved against the latest head; where that moves on meanwhile, the earlier ones are done again. */
async function lookUpAll(
  database: ChecksumDatabase,
  versions: readonly ProvedVersion[],
  signal: AbortSignal,
): Promise<{ readonly hashes: ReadonlyMap<string, ProvedHashes>; readonly head: string }> {
  const hashes = new Map<string, ProvedHashes>();
  let head = (await database.latest(signal)).toString();
  for (;;) {
    const left = versions.filter(({ module, version }) => hashes.get(`${module}@${version}`)?.head !== head);
    if (left.length === 0) return { hashes, head };
    const proved = await inTurns(left, ({ module, version }) => database.lookup(module, version, signal));
    for (const one of proved) {
      hashes.set(`${one.module}@${one.version}`, one);
      if ((sizeOfHead(one.head) ?? 0) > (sizeOfHead(head) ?? 0)) head = one.head;
    }
  }
}

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const run = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, run));
  return results;
}
