import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { Stats } from "node:fs";
import type { Disk, DiskFile, FileStat } from "../ports/disk.ts";

/** The machine's own disk. */
export const nodeDisk: Disk = {
  create: async (path) => diskFile(await open(path, "wx+")),
  open: async (path) => {
    const handle = await orNull(open(path, "r"));
    return handle && diskFile(handle);
  },
  readFile: (path) => readFile(path),
  stat: async (path) => {
    const found = await orNull(stat(path));
    return found && statOf(found);
  },
  makeDirectory: (path) =>
    mkdir(path).then(
      () => true,
      (error: unknown) => {
        if (hasCode(error, ["EEXIST"])) return false;
        throw error;
      },
    ),
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),
  removeDirectory: (path) =>
    rmdir(path).then(
      () => true,
      (error: unknown) => {
        if (hasCode(error, ["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"])) return false;
        throw error;
      },
    ),
  list: async (path) => {
    const entries = (await orNull(readdir(path, { withFileTypes: true }))) ?? [];
    return entries.map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }));
  },
  syncDirectory: async (path) => {
    // Windows opens no directory; its file systems keep renames in order by themselves.
    if (process.platform === "win32") return;
    await using handle = await open(path, "r");
    await handle.sync();
  },
};

/** True where an error of the file system has one of these codes. */
export function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

function diskFile(handle: FileHandle): DiskFile {
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => (closing ??= handle.close());
  return {
    write: async (bytes) => {
      let written = 0;
      while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
    },
    read: async (position, length, into) => {
      const buffer = into ?? Buffer.allocUnsafeSlow(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled === buffer.length ? buffer : buffer.subarray(0, filled);
    },
    stat: async () => statOf(await handle.stat()),
    setModified: (modifiedAtMs) => handle.utimes(modifiedAtMs / 1000, modifiedAtMs / 1000),
    sync: () => handle.sync(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function statOf(stats: Stats): FileStat {
  return {
    size: stats.size,
    modifiedAtMs: Math.round(stats.mtimeMs),
    inode: stats.ino,
    isDirectory: stats.isDirectory(),
  };
}

// Whatever keeps a name from existing at all says that there is nothing under it.
const nothingThere = ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "EINVAL"];

async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, nothingThere)) return null;
    throw error;
  }
}
