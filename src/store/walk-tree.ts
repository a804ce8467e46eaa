import { join } from "node:path";
import type { Disk, FileStat } from "../ports/disk.ts";
import type { FileKey } from "../ports/store.ts";
import { storeFailure } from "./store-failure.ts";

/** A file found below the cache folder. */
export interface FoundFile {
  readonly key: FileKey;
  readonly stat: FileStat;
}

const statsAtOnce = 16;

/** The files below `folder`, one directory after another, in no set order. STORE_FAILED where they can't be seen. */
export async function* walkTree(disk: Disk, folder: string, signal: AbortSignal): AsyncGenerator<FoundFile[]> {
  const open = [""];
  for (let prefix = open.pop(); prefix !== undefined; prefix = open.pop()) {
    signal.throwIfAborted();
    const entries = await seen(disk.list(join(folder, prefix)));
    for (const { name, isDirectory } of entries) if (isDirectory) open.push(`${prefix}${name}/`);
    const keys = entries.filter(({ isDirectory }) => !isDirectory).map(({ name }) => `${prefix}${name}`);
    for (let start = 0; start < keys.length; start += statsAtOnce) {
      const slice = keys.slice(start, start + statsAtOnce);
      const found = await seen(
        Promise.all(slice.map(async (key) => ({ key, stat: await disk.stat(join(folder, key)) }))),
      );
      yield found.flatMap(({ key, stat }) => (stat && !stat.isDirectory ? { key, stat } : []));
    }
  }
}

async function seen<T>(look: Promise<T>): Promise<T> {
  try {
    return await look;
  } catch (error) {
    throw storeFailure("look through the cache", error);
  }
}
