import { close, existsSync, fstat, fsync, futimes, open, read, type Stats, write } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from "node:fs/promises";
import { promisify } from "node:util";
import type { Disk, DiskFile, FileStat } from "../ports/disk.ts";

const openNumber = promisify(open);
const closeNumber = promisify(close);
const readBytes = promisify(read);
const writeBytes = promisify(write);
const statNumber = promisify(fstat);
const setTimes = promisify(futimes);
const syncNumber = promisify(fsync);

/** The machine's own disk. */
export const nodeDisk: Disk = {
  create: async (path) => numberedFile(await openNumber(path, "wx+", 0o666)),
  open: async (path) => {
    // Most files asked for are not there yet, and a look in place costs a tenth of a failing open in the pool of threads.
    if (!existsSync(path)) return null;
    const fd = await orNull(openNumber(path, "r", 0o666));
    return fd === null ? null : numberedFile(fd);
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
    await using file = numberedFile(await openNumber(path, "r", 0o666));
    await file.sync();
  },
};

/** True where an error of the file system has one of these codes. */
export function hasCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/**
 * A file by its descriptor's number. Not by node's FileHandle: one that is collected before it is closed ends the whole
 * process, where a lost number costs one descriptor. It closes when the calls under way have ended, so that its
 * number is never used for another file.
 */
function numberedFile(fd: number): DiskFile {
  let underWay = 0;
  let closing: Promise<void> | null = null;
  let onQuiet: () => void = () => {};
  const use = async <T>(call: () => Promise<T>): Promise<T> => {
    if (closing !== null) throw Object.assign(new Error("The file is closed"), { code: "EBADF" });
    underWay++;
    try {
      return await call();
    } finally {
      underWay--;
      if (underWay === 0) onQuiet();
    }
  };
  const shut = async (): Promise<void> => {
    if (underWay > 0) {
      await new Promise<void>((resolve) => {
        onQuiet = resolve;
      });
    }
    await closeNumber(fd);
  };
  const closeOnce = (): Promise<void> => (closing ??= shut());
  return {
    write: (bytes) => use(() => writeAll(fd, bytes)),
    read: (position, length, into) =>
      use(() => readUpTo(fd, position, into?.subarray(0, length) ?? Buffer.allocUnsafeSlow(length))),
    stat: () => use(async () => statOf(await statNumber(fd))),
    setModified: (modifiedAtMs) => use(() => setTimes(fd, modifiedAtMs / 1000, modifiedAtMs / 1000)),
    sync: () => use(() => syncNumber(fd)),
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += (await writeBytes(fd, bytes, written, bytes.length - written, null)).bytesWritten;
  }
}

async function readUpTo(fd: number, position: number, buffer: Uint8Array): Promise<Uint8Array> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await readBytes(fd, buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled === buffer.length ? buffer : buffer.subarray(0, filled);
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
