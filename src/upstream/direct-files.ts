import type { Disk } from "../ports/disk.ts";
import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import type { DirectFolders } from "./direct-environment.ts";

export type DirectDisk = Pick<
  Disk,
  "open" | "stat" | "create" | "list" | "remove" | "removeDirectory" | "makeDirectory" | "readFile"
>;

const kinds = ["info", "mod", "zip", "ziphash", "lock"];
// Another process of this gateway may be using what is younger.
const leftoverMs = 60 * 60 * 1000;

/** Makes the folders and the go.mod of the working directory; node's error where the disk refuses. */
export async function prepareFolders(disk: DirectDisk, folders: DirectFolders): Promise<void> {
  await disk.makeDirectory(folders.root);
  await disk.makeDirectory(folders.work);
  const path = `${folders.work}/go.mod`;
  if (await disk.stat(path)) return;
  try {
    await using file = await disk.create(path);
    await file.write(Buffer.from("module modgate.invalid/direct\n\ngo 1.21\n"));
  } catch (error) {
    // Another process of this gateway was first.
    if (!(await disk.stat(path))) throw error;
  }
}

/** The path that `go` gives a file of a version in its module cache. */
export function versionFile(
  folders: DirectFolders,
  subject: { module: string; version: string },
  kind: string,
): string {
  const folder = `${folders.modCache}/cache/download/${escapeModulePath(subject.module)}/@v`;
  return `${folder}/${escapeVersion(subject.version)}.${kind}`;
}

/** Removes the unpacked files of a version, which nobody reads here. */
export async function removeUnpacked(
  disk: DirectDisk,
  folders: DirectFolders,
  subject: { module: string; version: string },
): Promise<void> {
  await removeTree(disk, `${folders.modCache}/${escapeModulePath(subject.module)}@${escapeVersion(subject.version)}`);
}

/** Removes the files of a version, so that the next one who asks has version control asked again. */
export async function removeVersion(
  disk: DirectDisk,
  folders: DirectFolders,
  subject: { module: string; version: string },
): Promise<void> {
  for (const kind of kinds) await disk.remove(versionFile(folders, subject, kind));
}

/** Removes what a killed process left: files of versions and unpacked modules older than an hour, clones never. */
export async function removeLeftovers(disk: DirectDisk, folders: DirectFolders, nowMs: number): Promise<void> {
  await removeOld(disk, `${folders.modCache}/cache/download`, nowMs - leftoverMs);
  for (const { name } of await disk.list(folders.modCache)) {
    if (name !== "cache") await removeOld(disk, `${folders.modCache}/${name}`, nowMs - leftoverMs);
  }
}

async function removeOld(disk: DirectDisk, path: string, beforeMs: number): Promise<void> {
  for (const { name, isDirectory } of await disk.list(path)) {
    const inner = `${path}/${name}`;
    if (isDirectory) await removeOld(disk, inner, beforeMs);
    else if (((await disk.stat(inner))?.modifiedAtMs ?? beforeMs) < beforeMs) await disk.remove(inner);
  }
  await disk.removeDirectory(path);
}

async function removeTree(disk: DirectDisk, path: string): Promise<void> {
  for (const { name, isDirectory } of await disk.list(path)) {
    if (isDirectory) await removeTree(disk, `${path}/${name}`);
    else await disk.remove(`${path}/${name}`);
  }
  await disk.removeDirectory(path);
}
