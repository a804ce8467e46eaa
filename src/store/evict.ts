import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { SQLInputValue } from "node:sqlite";
import type { FileKey } from "../ports/store.ts";
import type { FileStoreParts } from "./file-store-parts.ts";
import { pathOfKey } from "./data-folder.ts";
import { storeFailure } from "./store-failure.ts";

/** Which files are to go; all conditions must hold. Pinned versions never go. */
export interface EvictionWish {
  /** Until the cache has at most this many bytes. */
  readonly downToBytes?: number;
  /** Only files last used before this time, in milliseconds since 1970. */
  readonly usedBeforeMs?: number;
  /** Only files of modules for which this holds; files of no module (checksum database) are asked with null. */
  readonly matches?: (module: string | null) => boolean;
  /** Says what would go and removes nothing. */
  readonly dryRun?: boolean;
}

export interface EvictedFile {
  readonly key: FileKey;
  readonly module: string | null;
  readonly version: string | null;
  readonly size: number;
  readonly lastUsedMs: number;
}

interface Evicting extends FileStoreParts {
  /** Told of each file that is gone. */
  readonly onEvicted?: (key: FileKey) => void;
}

const pageRows = 64;

/**
 * Removes files, the least recently used first and at the same time `.info` before `.mod` before `.zip`,
 * so that a version stops being listed before it is gone; each file is whole or absent at any moment.
 * The memory of having seen a version stays. Gives each file as it goes; work pauses while the taker does.
 */
export async function* evict(parts: Evicting, wish: EvictionWish, signal: AbortSignal): AsyncGenerator<EvictedFile> {
  const { index, pins } = parts;
  await pins.refresh();
  index.flush();
  const page = index.database.prepare(
    `SELECT key, module, version, size, stored_at, last_used FROM files
     WHERE (last_used, key) > (?, ?) AND last_used < ? ORDER BY last_used, key LIMIT ?`,
  );
  const usedBefore = wish.usedBeforeMs ?? Number.MAX_SAFE_INTEGER;
  let bytes = index.totals().bytes;
  let cursor: [SQLInputValue, SQLInputValue] = [-1, ""];
  for (;;) {
    const rows = page.all(...cursor, usedBefore, pageRows);
    for (const row of rows) {
      if (wish.downToBytes !== undefined && bytes <= wish.downToBytes) return;
      signal.throwIfAborted();
      cursor = [row["last_used"] ?? 0, row["key"] ?? ""];
      const file = evictedFile(row);
      if (file.module !== null && file.version !== null && pins.has(file.module, file.version)) continue;
      if (wish.matches && !wish.matches(file.module)) continue;
      if (!wish.dryRun) await removeFile(parts, file, Number(row["stored_at"]));
      bytes -= file.size;
      yield file;
    }
    if (rows.length < pageRows) return;
    // Pages of pinned versions alone would otherwise hold up everything else.
    await setImmediate();
  }
}

async function removeFile(parts: Evicting, file: EvictedFile, storedAtMs: number): Promise<void> {
  const { disk, folder, index } = parts;
  const path = pathOfKey(folder, file.key);
  try {
    await disk.remove(path);
    index.removeFile(file.key, storedAtMs);
    parts.onEvicted?.(file.key);
    let directory = dirname(path);
    while (directory !== folder.cache && (await disk.removeDirectory(directory))) directory = dirname(directory);
  } catch (error) {
    throw storeFailure(`remove ${file.key}`, error);
  }
}

function evictedFile(row: Record<string, unknown>): EvictedFile {
  const text = (column: string): string | null => (typeof row[column] === "string" ? row[column] : null);
  return {
    key: String(row["key"]),
    module: text("module"),
    version: text("version"),
    size: Number(row["size"]),
    lastUsedMs: Number(row["last_used"]),
  };
}
