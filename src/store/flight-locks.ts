import { join } from "node:path";
import { sleep } from "../kernel/clock.ts";
import type { FileStat } from "../ports/disk.ts";
import type { FileKey, StoreFlight } from "../ports/store.ts";
import { nameOfKey, pathOfKey, type DataFolder } from "./data-folder.ts";
import { acquireLock, liveHolder, type LockParts } from "./lock-file.ts";
import { storeFailure } from "./store-failure.ts";

const firstStepMs = 5;
const maxStepMs = 50;

/**
 * Single flight between the processes of one data folder: a lock file beside the staged files. A holder
 * that takes longer than `deadlineMs` is no longer waited for.
 */
export async function acquireFlight(
  parts: LockParts & { readonly folder: DataFolder },
  key: FileKey,
  deadlineMs: number,
): Promise<StoreFlight> {
  const { disk, clock, folder } = parts;
  const path = pathOfKey(folder, key);
  const lockPath = join(folder.temporary, `${nameOfKey(key)}.lock`);
  const look = (): Promise<FileStat | null> =>
    disk.stat(path).catch((error: unknown) => {
      throw storeFailure(`look for ${key}`, error);
    });
  const before = await look();
  const lock = await acquireLock(parts, lockPath, deadlineMs);
  if (lock.kind === "held") return { kind: "held", release: () => lock.release() };

  const isNew = async (): Promise<boolean> => {
    const now = await look();
    return now !== null && (now.inode !== before?.inode || now.modifiedAtMs !== before.modifiedAtMs);
  };
  return {
    kind: "busy",
    heldBy: lock.heldBy,
    wait: async (signal) => {
      for (let stepMs = firstStepMs; ; stepMs = Math.min(maxStepMs, stepMs * 2)) {
        if (await isNew()) return "visible";
        if (!(await liveHolder(parts, lockPath, deadlineMs))) return (await isNew()) ? "visible" : "freed";
        await sleep(clock, stepMs, signal);
      }
    },
  };
}
