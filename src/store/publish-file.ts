import { dirname } from "node:path";
import type { Disk } from "../ports/disk.ts";
import { ensureDirectory } from "./data-folder.ts";
import type { DirectorySyncs } from "./directory-syncs.ts";
import { hasCode } from "./node-disk.ts";

const maxAttempts = 5;

/**
 * Renames a synced file to its place, makes the folders that are missing, and makes it all durable.
 * Where that last step fails the file is taken back: what is visible is also there after a power cut.
 * Throws what the disk throws.
 */
export async function publishFile(disk: Disk, syncs: DirectorySyncs, from: string, to: string): Promise<void> {
  const directory = dirname(to);
  for (let attempt = 1; ; attempt++) {
    try {
      await disk.rename(from, to);
      break;
    } catch (error) {
      // A prune may remove a folder that it found empty between the making and the rename: make it anew.
      if (!hasCode(error, ["ENOENT"]) || attempt === maxAttempts) throw error;
      await makeFolders(disk, directory);
    }
  }
  try {
    await syncs.sync(directory);
  } catch (error) {
    await disk.remove(to).catch(() => {});
    throw error;
  }
}

async function makeFolders(disk: Disk, directory: string): Promise<void> {
  try {
    await ensureDirectory(disk, directory);
  } catch (error) {
    if (!hasCode(error, ["ENOENT"])) throw error;
  }
}
