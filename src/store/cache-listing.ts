import { matchPrefixPatterns } from "../gomod/match-prefix-patterns.ts";
import type { FileStoreParts } from "./file-store-parts.ts";
import { isComplete, reconcile } from "./reconcile.ts";
import type { FileStore } from "./file-store.ts";
import type { StoreStats } from "../ports/store.ts";

/** How far a command on the whole cache is: told now and then, never more often than each file. */
export interface CacheProgress {
  readonly files: number;
  readonly bytes: number;
  /** Null where the end is not known. */
  readonly totalFiles: number | null;
  readonly totalBytes: number | null;
}

/** What such a command is given beside its store. */
export interface CacheCommand {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: CacheProgress) => void;
}

/** What the cache holds as a whole. */
export interface CacheSummary extends StoreStats {
  readonly zipBytes: number;
  /** Milliseconds since 1970; null where the cache is empty. */
  readonly oldestUseMs: number | null;
  readonly newestStoredMs: number | null;
  /** The modules that take most room, the largest first, at most ten. */
  readonly largest: readonly { readonly module: string; readonly versions: number; readonly bytes: number }[];
}

/** One version that has files here. */
export interface CachedVersion {
  readonly module: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly bytes: number;
  readonly storedAtMs: number;
  readonly lastUsedMs: number;
  readonly isPinned: boolean;
}

export interface ListingWish {
  /** Patterns as in GOPRIVATE; null: all. */
  readonly pattern: string | null;
  readonly sort: "name" | "size" | "used" | "stored";
  readonly limit: number;
}

/** Makes sure that the index has seen the whole tree: scans it where it never was. STORE_FAILED where that fails. */
export async function settleIndex(parts: FileStoreParts, command: CacheCommand): Promise<void> {
  parts.index.flush();
  if (isComplete(parts.index.database)) return;
  await reconcile(parts, command.signal, (files) => {
    command.onProgress?.({ files, bytes: 0, totalFiles: null, totalBytes: null });
  });
}

/** Totals and the largest modules. STORE_FAILED where the index can't be read. */
export async function storeStats(store: FileStore, command: CacheCommand): Promise<CacheSummary> {
  await settleIndex(store.parts, command);
  const { database } = store.parts.index;
  const row = database
    .prepare(
      `SELECT coalesce(sum(size) FILTER (WHERE key LIKE '%.zip'), 0) AS zips, min(last_used) AS used,
         max(stored_at) AS stored FROM files`,
    )
    .get();
  const largest = database
    .prepare(
      `SELECT module, count(DISTINCT version) AS versions, sum(size) AS bytes FROM files
       WHERE module IS NOT NULL GROUP BY module ORDER BY bytes DESC, module LIMIT 10`,
    )
    .all();
  return {
    ...store.stats(),
    zipBytes: Number(row?.["zips"]),
    oldestUseMs: numberOrNull(row?.["used"]),
    newestStoredMs: numberOrNull(row?.["stored"]),
    largest: largest.map((each) => ({
      module: String(each["module"]),
      versions: Number(each["versions"]),
      bytes: Number(each["bytes"]),
    })),
  };
}

const orders = {
  name: "module, version",
  size: "bytes DESC, module, version",
  used: "used DESC, module, version",
  stored: "stored DESC, module, version",
} as const;

/** The versions that have files here, in the wanted order. STORE_FAILED where the index can't be read. */
export async function listVersions(
  store: FileStore,
  wish: ListingWish,
  command: CacheCommand,
): Promise<readonly CachedVersion[]> {
  await settleIndex(store.parts, command);
  const { index, pins } = store.parts;
  await pins.refresh();
  const matches = matcherOf(wish.pattern);
  const rows = index.database
    .prepare(
      `SELECT module, version, group_concat(key, ' ') AS keys, sum(size) AS bytes, min(stored_at) AS stored,
         max(last_used) AS used
       FROM files WHERE version IS NOT NULL GROUP BY module, version ORDER BY ${orders[wish.sort]}`,
    )
    .iterate();
  const versions: CachedVersion[] = [];
  for (const row of rows) {
    if (versions.length >= wish.limit) break;
    const module = String(row["module"]);
    const version = String(row["version"]);
    if (!matches(module)) continue;
    const keys = String(row["keys"]).split(" ");
    versions.push({
      module,
      version,
      files: keys.map((key) => key.slice(key.lastIndexOf(".") + 1)).sort(),
      bytes: Number(row["bytes"]),
      storedAtMs: Number(row["stored"]),
      lastUsedMs: Number(row["used"]),
      isPinned: pins.has(module, version),
    });
  }
  return versions;
}

/** The versions that have files here and stand behind `last` in their order, at most `limit`; from the index as it is. */
export function versionsAfter(
  { index }: Pick<FileStoreParts, "index">,
  last: { readonly module: string; readonly version: string } | null,
  limit: number,
): { module: string; version: string }[] {
  const rows = index.database
    .prepare(
      `SELECT DISTINCT module, version FROM files
       WHERE version IS NOT NULL AND (module, version) > (?, ?) ORDER BY module, version LIMIT ?`,
    )
    .all(last?.module ?? "", last?.version ?? "", limit);
  return rows.map((row) => ({ module: String(row["module"]), version: String(row["version"]) }));
}

/** Says of a module whether GOPRIVATE-like patterns name it; what belongs to no module fits no pattern but none. */
export function matcherOf(pattern: string | null): (module: string | null) => boolean {
  if (pattern === null) return () => true;
  const patterns = pattern.split(",").filter((each) => each !== "");
  return (module) => module !== null && matchPrefixPatterns(patterns, module);
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
