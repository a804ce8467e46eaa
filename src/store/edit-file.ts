import { basename, dirname, join } from "node:path";
import { sleep } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { DataFolder } from "./data-folder.ts";
import { stagedName } from "./leftovers.ts";
import { acquireLock, type HeldLock, type LockParts } from "./lock-file.ts";
import { storeFailure } from "./store-failure.ts";
import { readText } from "./watched-file.ts";

/** What changing a small file of the data folder needs. */
export type EditParts = LockParts & { readonly folder: DataFolder };

const lockDeadlineMs = 10_000;

/**
 * Changes a small text file that several processes read and write: one edit after another, the file replaced as a
 * whole and durable. `edit` gets its text, "" where there is none, and gives the new text with what to return.
 * STORE_FAILED where it can't be written, with the file as it was; what `edit` throws as a Problem comes out as it is.
 */
export async function editFile<T>(
  parts: EditParts,
  { path, name, signal }: { readonly path: string; readonly name: string; readonly signal: AbortSignal },
  edit: (text: string) => { readonly text: string; readonly result: T },
): Promise<T> {
  const lock = await waitForLock(parts, { path, name, signal });
  try {
    const before = await readText(parts.disk, path);
    const { text, result } = edit(before);
    if (text !== before) await replaceFile(parts, path, text);
    return result;
  } catch (error) {
    throw storeFailure(`write ${name}`, error);
  } finally {
    await lock.release();
  }
}

async function waitForLock(
  parts: EditParts,
  { path, name, signal }: { readonly path: string; readonly name: string; readonly signal: AbortSignal },
): Promise<HeldLock> {
  const until = parts.clock.monotonic() + lockDeadlineMs;
  for (;;) {
    const lock = await acquireLock(parts, join(parts.folder.temporary, `${basename(path)}.lock`), lockDeadlineMs);
    if (lock.kind === "held") return lock;
    if (parts.clock.monotonic() > until) {
      throw new Problem("STORE_FAILED", `Cannot write ${name}: process ${lock.heldBy} holds their lock`);
    }
    await sleep(parts.clock, 20, signal);
  }
}

async function replaceFile(parts: EditParts, path: string, text: string): Promise<void> {
  const { disk, folder, owner, uniqueName } = parts;
  const fresh = join(folder.temporary, stagedName(owner, uniqueName()));
  try {
    await using file = await disk.create(fresh);
    await file.write(Buffer.from(text));
    await file.sync();
    await disk.rename(fresh, path);
    await disk.syncDirectory(dirname(path));
  } catch (error) {
    await disk.remove(fresh).catch(() => {});
    throw error;
  }
}
