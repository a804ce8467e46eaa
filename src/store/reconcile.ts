import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import { placeOf } from "./cache-layout.ts";
import type { FileStoreParts } from "./file-store-parts.ts";
import { walkTree, type FoundFile } from "./walk-tree.ts";

/** What a scan found to differ between tree and index. */
export interface ReconcileReport {
  readonly scanned: number;
  readonly added: number;
  readonly changed: number;
  readonly vanished: number;
}

const pageRows = 500;

/**
 * Brings the index in line with the file tree, in slices, while both are in use: files copied in by hand
 * or lost with an unclean end appear, files that are gone go. On a new index the time at which a version
 * was first seen is that of its oldest file. Files that the layout does not know are left out.
 */
export async function reconcile(
  parts: FileStoreParts,
  signal: AbortSignal,
  onProgress: (scanned: number) => void = () => {},
): Promise<ReconcileReport> {
  const { index, disk, folder, clock } = parts;
  const startedAtMs = clock.now();
  const isNew = !isComplete(index.database);
  const select = index.database.prepare("SELECT size, stored_at FROM files WHERE key = ?");
  const report = { scanned: 0, added: 0, changed: 0, vanished: 0 };
  const oldest = new Map<string, { module: string; version: string; atMs: number }>();

  for await (const files of walkTree(disk, folder.cache, signal)) {
    for (const file of files) {
      const place = placeOf(file.key);
      if (!place) continue;
      report.scanned++;
      const row = select.get(file.key);
      const isSame = row?.["size"] === file.stat.size && row["stored_at"] === file.stat.modifiedAtMs;
      if (!isSame) index.putFile(indexedFile(file));
      if (!row) report.added++;
      else if (!isSame) report.changed++;
      if (place.version === null) continue;
      if (!isNew) {
        if (!row) index.recordSeen(place.module, place.version, null);
        continue;
      }
      const name = `${place.module} ${place.version}`;
      const atMs = Math.min(oldest.get(name)?.atMs ?? Number.POSITIVE_INFINITY, file.stat.modifiedAtMs);
      oldest.set(name, { module: place.module, version: place.version, atMs });
    }
    onProgress(report.scanned);
  }
  await recordOldest(parts, [...oldest.values()], signal);
  report.vanished = await forgetVanished(parts, startedAtMs, signal);
  if (isNew) index.putFact("complete");
  index.flush();
  return report;
}

/** True once a scan has been through the whole tree since the index was made. */
export function isComplete(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM facts WHERE name = 'complete'").get() !== undefined;
}

function indexedFile({ key, stat }: FoundFile): { key: string; size: number; storedAtMs: number; lastUsedMs: number } {
  return { key, size: stat.size, storedAtMs: stat.modifiedAtMs, lastUsedMs: stat.modifiedAtMs };
}

// No two versions share a time, so that a reader of the feed can go on from the last one it has.
async function recordOldest(
  parts: FileStoreParts,
  versions: { readonly module: string; readonly version: string; readonly atMs: number }[],
  signal: AbortSignal,
): Promise<void> {
  versions.sort((left, right) => left.atMs - right.atMs);
  let last = 0;
  for (const [position, { module, version, atMs }] of versions.entries()) {
    last = Math.max(last + 1, atMs);
    parts.index.recordSeen(module, version, last);
    if (position % pageRows !== 0) continue;
    parts.index.flush();
    await setImmediate(undefined, { signal });
  }
}

async function forgetVanished(parts: FileStoreParts, startedAtMs: number, signal: AbortSignal): Promise<number> {
  const { index, disk, folder } = parts;
  const page = index.database.prepare("SELECT key, stored_at FROM files WHERE key > ? ORDER BY key LIMIT ?");
  let vanished = 0;
  let after = "";
  for (;;) {
    signal.throwIfAborted();
    const rows = page.all(after, pageRows);
    for (const row of rows) {
      const key = String(row["key"]);
      after = key;
      // What was stored since the scan began may be on its way to its place.
      if (Number(row["stored_at"]) >= startedAtMs || (await disk.stat(join(folder.cache, key)))) continue;
      index.removeFile(key, Number(row["stored_at"]));
      vanished++;
    }
    if (rows.length < pageRows) return vanished;
  }
}
