import { matcherOf, settleIndex, type CacheCommand } from "./cache-listing.ts";
import type { FileStore } from "./file-store.ts";
import { tarBlock, tarPadding, writeTarHeader } from "./tar-format.ts";

const pageRows = 500;

/**
 * The cache, or the modules that patterns as in GOPRIVATE name (null: all), as a plain tar with the layout
 * of the file tree, sorted by name. Files that go meanwhile are left out. STORE_FAILED where one can't be read.
 */
export async function* exportTar(
  store: FileStore,
  pattern: string | null,
  command: CacheCommand,
): AsyncGenerator<Uint8Array> {
  await settleIndex(store.parts, command);
  const { index } = store.parts;
  const matches = matcherOf(pattern);
  const { files: totalFiles, bytes: totalBytes } = index.totals();
  const page = index.database.prepare("SELECT key, module FROM files WHERE key > ? ORDER BY key LIMIT ?");
  let files = 0;
  let bytes = 0;
  let after = "";
  for (let isLast = false; !isLast;) {
    const rows = page.all(after, pageRows);
    isLast = rows.length < pageRows;
    for (const row of rows) {
      command.signal.throwIfAborted();
      after = String(row["key"]);
      if (!matches(typeof row["module"] === "string" ? row["module"] : null)) continue;
      const file = await store.lookAt(after);
      if (!file) continue;
      yield writeTarHeader({ name: file.key, size: file.size, modifiedAtMs: file.storedAtMs, type: "0" });
      // Whoever takes the tar may keep chunks for a while; the store fills its own again.
      for await (const chunk of file.stream()) yield Buffer.from(chunk);
      yield tarPadding(file.size);
      files++;
      bytes += file.size;
      const isWhole = pattern === null;
      command.onProgress?.({
        files,
        bytes,
        totalFiles: isWhole ? totalFiles : null,
        totalBytes: isWhole ? totalBytes : null,
      });
    }
  }
  yield Buffer.alloc(2 * tarBlock);
}
