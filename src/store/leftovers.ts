import { join } from "node:path";
import type { Disk } from "../ports/disk.ts";
import type { DataFolder } from "./data-folder.ts";
import { removeStaleLock, type LockParts } from "./lock-file.ts";
import { isGone } from "./owner.ts";

// No download takes that long; the process ids of other machines cannot be asked.
const foreignMs = 24 * 60 * 60 * 1000;

/** The name of a staged file: who stages it, and a number of its own. */
export function stagedName(owner: { readonly pid: number; readonly host: string }, unique: string): string {
  return `${owner.host}-${owner.pid}-${unique}.part`;
}

/**
 * Removes the staged files and locks of processes that are gone; on a shared folder those of other
 * machines once they are a day old. How many were removed.
 */
export async function removeLeftovers(parts: LockParts & { readonly folder: DataFolder }): Promise<number> {
  const { disk, folder } = parts;
  let removed = 0;
  for (const { name, isDirectory } of await disk.list(folder.temporary)) {
    const path = join(folder.temporary, name);
    if (!name.endsWith(".part")) {
      if (!isDirectory && (await removeStaleLock(parts, path, foreignMs))) removed++;
    } else if (await isLeftPart(parts, path, name)) {
      await (isDirectory ? removeWithFiles(disk, path) : disk.remove(path));
      removed++;
    }
  }
  return removed;
}

async function removeWithFiles(disk: Disk, directory: string): Promise<void> {
  for (const { name } of await disk.list(directory)) await disk.remove(join(directory, name));
  await disk.removeDirectory(directory);
}

async function isLeftPart(parts: LockParts, path: string, name: string): Promise<boolean> {
  const stat = await parts.disk.stat(path);
  if (!stat) return false;
  const [, host = "", pid] = /^([0-9a-f]+)-(\d+)-/.exec(name) ?? [];
  if (pid !== undefined && isGone(parts.owner, { pid: Number(pid), host }, stat.modifiedAtMs)) return true;
  return parts.clock.now() - stat.modifiedAtMs > foreignMs;
}
