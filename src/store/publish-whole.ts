import { Problem } from "../kernel/problem.ts";
import type { Disk, DiskFile, FileStat } from "../ports/disk.ts";
import type { DirectorySyncs } from "./directory-syncs.ts";
import { publishFile } from "./publish-file.ts";

/** A small file that is to become visible. */
export interface WholeFile {
  readonly stagedPath: string;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly modifiedAtMs: number;
}

/** Makes small files visible and durable: as publishWhole(), here or in a worker. */
export interface Publisher {
  publish(file: WholeFile): Promise<FileStat>;
  /** Ends what it has started; publish() is not called again. */
  close(): Promise<void>;
}

/**
 * Writes a whole file beside the tree, makes it durable, and renames it to its place: visible all at once or not
 * at all, with nothing left beside the tree where it fails. Throws what the disk throws; STORE_FAILED where the
 * disk has taken fewer bytes than it said.
 */
export async function publishWhole(disk: Disk, syncs: DirectorySyncs, whole: WholeFile): Promise<FileStat> {
  const { stagedPath, path, bytes, modifiedAtMs } = whole;
  let file: DiskFile | null = null;
  try {
    file = await disk.create(stagedPath);
    if (bytes.length > 0) await file.write(bytes);
    await file.setModified(modifiedAtMs);
    await file.sync();
    const stat = await file.stat();
    if (stat.size !== bytes.length) {
      throw new Problem("STORE_FAILED", `${stat.size} of ${bytes.length} bytes are on the disk`);
    }
    await publishFile(disk, syncs, stagedPath, path);
    // Closing what is synced has nothing left to fail on.
    await file.close().catch(() => {});
    return stat;
  } catch (error) {
    await file?.close().catch(() => {});
    // What cannot be removed now is removed as a leftover at the next start.
    if (file) await disk.remove(stagedPath).catch(() => {});
    throw error;
  }
}

/** Publishes on the disk it is given, in the thread it is called in. */
export function directPublisher(disk: Disk, syncs: DirectorySyncs): Publisher {
  return { publish: (file) => publishWhole(disk, syncs, file), close: () => Promise.resolve() };
}
