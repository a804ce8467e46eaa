import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import type { Disk, DiskFile, FileStat } from "../ports/disk.ts";
import { hasCode } from "./node-disk.ts";

/**
 * The machine's own disk with calls that wait in place, for a thread that does nothing else: one system call costs
 * a tenth of what it costs through the pool of threads. Never for the thread that answers requests.
 */
export const syncDisk: Disk = {
  create: (path) => attempt(() => openFile(openSync(path, "wx+", 0o666))),
  open: (path) => attempt(() => (existsSync(path) ? openFile(openSync(path, "r")) : null)),
  readFile: (path) => attempt(() => readFileSync(path)),
  stat: (path) => attempt(() => orNull(() => statOf(statSync(path)))),
  makeDirectory: (path) =>
    attempt(() => {
      try {
        mkdirSync(path);
        return true;
      } catch (error) {
        if (hasCode(error, ["EEXIST"])) return false;
        throw error;
      }
    }),
  rename: (from, to) => attempt(() => renameSync(from, to)),
  remove: (path) => attempt(() => rmSync(path, { force: true })),
  removeDirectory: (path) =>
    attempt(() => {
      try {
        rmdirSync(path);
        return true;
      } catch (error) {
        if (hasCode(error, ["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"])) return false;
        throw error;
      }
    }),
  list: (path) =>
    attempt(() => {
      const entries = orNull(() => readdirSync(path, { withFileTypes: true })) ?? [];
      return entries.map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }));
    }),
  syncDirectory: (path) =>
    attempt(() => {
      if (process.platform === "win32") return;
      const fd = openSync(path, "r");
      try {
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    }),
};

function openFile(fd: number): DiskFile {
  let isOpen = true;
  const close = (): Promise<void> =>
    attempt(() => {
      if (isOpen) closeSync(fd);
      isOpen = false;
    });
  return {
    write: (bytes) =>
      attempt(() => {
        for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
      }),
    read: (position, length, into) =>
      attempt(() => {
        const buffer = into?.subarray(0, length) ?? Buffer.allocUnsafeSlow(length);
        return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, position));
      }),
    stat: () => attempt(() => statOf(fstatSync(fd))),
    setModified: (modifiedAtMs) => attempt(() => futimesSync(fd, modifiedAtMs / 1000, modifiedAtMs / 1000)),
    sync: () => attempt(() => fsyncSync(fd)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function attempt<T>(call: () => T): Promise<T> {
  try {
    return Promise.resolve(call());
  } catch (error) {
    return Promise.reject(error);
  }
}

function orNull<T>(call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    if (hasCode(error, ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "EINVAL"])) return null;
    throw error;
  }
}

function statOf(stats: Stats): FileStat {
  return {
    size: stats.size,
    modifiedAtMs: Math.round(stats.mtimeMs),
    inode: stats.ino,
    isDirectory: stats.isDirectory(),
  };
}
