import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../kernel/clock.ts";

const settleMs = 250;

/**
 * Calls `onChange` once after one of the files has changed, however it was replaced: in place, by rename, or by
 * a link that now points elsewhere. Folders are watched, not files, since a rename ends the watch of a file. A
 * folder that cannot be watched is left out; SIGHUP still works there.
 */
export function watchFiles(paths: readonly string[], clock: Clock, onChange: () => void): Disposable {
  const watchers: FSWatcher[] = [];
  let cancel: () => void = () => {};
  let known = signatures(paths);
  const look = async (): Promise<void> => {
    const before = await known;
    known = signatures(paths);
    if ((await known) !== before) onChange();
  };
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        cancel();
        cancel = clock.after(settleMs, () => void look());
      });
      watcher.on("error", () => watcher.close());
      watchers.push(watcher);
    } catch {
      continue;
    }
  }
  return {
    [Symbol.dispose]() {
      cancel();
      for (const watcher of watchers) watcher.close();
    },
  };
}

async function signatures(paths: readonly string[]): Promise<string> {
  const each = paths.map(async (path) => {
    const found = await stat(path).catch(() => null);
    return found === null ? "-" : `${found.ino}:${found.size}:${found.mtimeMs}`;
  });
  return (await Promise.all(each)).join(" ");
}
