import { matcherOf, settleIndex, type CacheCommand } from "./cache-listing.ts";
import { evict, type EvictedFile } from "./evict.ts";
import type { FileStore } from "./file-store.ts";

/** What is to go: all conditions must hold, and pinned versions stay. */
export interface PruneWish {
  /** Not used for that long. */
  readonly olderThanMs: number | null;
  /** The least recently used, until the cache is no larger. */
  readonly maxBytes: number | null;
  /** Patterns as in GOPRIVATE. */
  readonly pattern: string | null;
  /** Says what would go and removes nothing. */
  readonly dryRun: boolean;
}

export interface PruneReport {
  readonly removed: readonly EvictedFile[];
  readonly bytes: number;
  readonly versions: number;
  readonly dryRun: boolean;
}

/** Removes files of the cache, the least recently used first. STORE_FAILED where one can't be removed. */
export async function prune(store: FileStore, wish: PruneWish, command: CacheCommand): Promise<PruneReport> {
  const { parts } = store;
  await settleIndex(parts, command);
  const removed: EvictedFile[] = [];
  let bytes = 0;
  const eviction = {
    ...(wish.maxBytes === null ? {} : { downToBytes: wish.maxBytes }),
    ...(wish.olderThanMs === null ? {} : { usedBeforeMs: parts.clock.now() - wish.olderThanMs }),
    matches: matcherOf(wish.pattern),
    dryRun: wish.dryRun,
  };
  for await (const file of evict({ ...parts, onEvicted: (key) => store.forget(key) }, eviction, command.signal)) {
    removed.push(file);
    bytes += file.size;
    command.onProgress?.({ files: removed.length, bytes, totalFiles: null, totalBytes: null });
  }
  parts.index.flush();
  const versions = new Set(removed.flatMap(({ module, version }) => (version === null ? [] : `${module} ${version}`)));
  return { removed, bytes, versions: versions.size, dryRun: wish.dryRun };
}
