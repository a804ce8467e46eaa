import { createHash } from "node:crypto";
import { join } from "node:path";
import { Problem } from "../kernel/problem.ts";
import type { Disk } from "../ports/disk.ts";
import type { FileKey } from "../ports/store.ts";
import { storeFailure } from "./store-failure.ts";

/** Where each thing of the store lies in the data folder. */
export interface DataFolder {
  readonly root: string;
  /** A GOPROXY file tree, nothing else. */
  readonly cache: string;
  /** Staged files and locks: on the same file system, so that a rename brings them in. */
  readonly temporary: string;
  readonly pins: string;
  /** Versions that an operator has recalled. */
  readonly recalls: string;
  /** Since when versions are known, and how large the trees of checksum databases were when. */
  readonly sightings: string;
  /** Who took which version. */
  readonly access: string;
  /** Hashes of versions that no checksum database knows, as they were first seen. */
  readonly firstSeen: string;
  /** Refused bytes with their evidence; nothing of it is served. */
  readonly quarantine: string;
  readonly index: string;
}

/** The places in the data folder `root`, an absolute path. */
export function dataFolder(root: string): DataFolder {
  return {
    root,
    cache: join(root, "cache"),
    temporary: join(root, "tmp"),
    pins: join(root, "pins"),
    recalls: join(root, "recalls"),
    sightings: join(root, "sightings.sqlite"),
    access: join(root, "access.sqlite"),
    firstSeen: join(root, "first-seen.sqlite"),
    quarantine: join(root, "quarantine"),
    index: join(root, "index.sqlite"),
  };
}

/** Makes the folders that are missing, parents too; STORE_FAILED where that can't be. */
export async function prepareDataFolder(disk: Disk, folder: DataFolder): Promise<void> {
  try {
    for (const path of [folder.cache, folder.temporary]) await ensureDirectory(disk, path);
  } catch (error) {
    throw storeFailure(`make the data folder ${folder.root}`, error);
  }
}

/** Makes a directory and the parents it lacks, each durable in its own parent. */
export async function ensureDirectory(disk: Disk, path: string): Promise<void> {
  if (await disk.stat(path)) return;
  const parent = join(path, "..");
  if (parent === path) return;
  await ensureDirectory(disk, parent);
  if (await disk.makeDirectory(path)) await disk.syncDirectory(parent);
}

/**
 * The path of a key's file. Keys come from gomod and cannot leave the folder; INVALID_MODULE_PATH where
 * one would all the same.
 */
export function pathOfKey(folder: DataFolder, key: FileKey): string {
  if (!isSafeKey(key))
    throw new Problem("INVALID_MODULE_PATH", `The key ${JSON.stringify(key)} is no place in the cache`);
  return `${folder.cache}/${key}`;
}

/** True for a relative path without empty, `.` or `..` elements, backslashes and control characters. */
export function isSafeKey(key: string): boolean {
  return /^(?!\.{1,2}(?:\/|$))[^/\\\u0000-\u001f\u007f]+(?:\/(?!\.{1,2}(?:\/|$))[^/\\\u0000-\u001f\u007f]+)*$/.test(
    key,
  );
}

/** A short name for a key that is a file name everywhere. */
export function nameOfKey(key: FileKey): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}
