import { join } from "node:path";
import { sleep } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { DataFolder } from "./data-folder.ts";
import { stagedName } from "./leftovers.ts";
import { acquireLock, type HeldLock, type LockParts } from "./lock-file.ts";
import { nameIn, nameOf, namesIn, readPins, type PinnedVersion } from "./pins.ts";
import { storeFailure } from "./store-failure.ts";

/** What pinning or unpinning did. */
export interface PinChange {
  readonly changed: readonly PinnedVersion[];
  /** Those that were as asked already. */
  readonly unchanged: readonly PinnedVersion[];
  /** Pinned versions afterwards. */
  readonly total: number;
}

/** What changing the pins needs. */
export type PinParts = LockParts & { readonly folder: DataFolder };

const lockDeadlineMs = 10_000;

/** Adds versions to the pins; other lines stay as they are. STORE_FAILED where the file can't be written. */
export async function pinVersions(
  parts: PinParts,
  entries: readonly PinnedVersion[],
  signal: AbortSignal,
): Promise<PinChange> {
  return changePins(parts, signal, (lines, names) => {
    const [unchanged, changed] = split(entries, (entry) => names.has(nameOf(entry)));
    return { changed, unchanged, lines: [...lines, ...new Set(changed.map(nameOf))] };
  });
}

/** Takes versions off the pins; other lines stay as they are. STORE_FAILED where the file can't be written. */
export async function unpinVersions(
  parts: PinParts,
  entries: readonly PinnedVersion[],
  signal: AbortSignal,
): Promise<PinChange> {
  return changePins(parts, signal, (lines, names) => {
    const [changed, unchanged] = split(entries, (entry) => names.has(nameOf(entry)));
    const gone = new Set(changed.map(nameOf));
    return { changed, unchanged, lines: lines.filter((line) => !gone.has(nameIn(line) ?? "")) };
  });
}

interface Edit {
  readonly changed: readonly PinnedVersion[];
  readonly unchanged: readonly PinnedVersion[];
  readonly lines: readonly string[];
}

function split(
  entries: readonly PinnedVersion[],
  belongsToFirst: (entry: PinnedVersion) => boolean,
): [PinnedVersion[], PinnedVersion[]] {
  return [entries.filter((entry) => belongsToFirst(entry)), entries.filter((entry) => !belongsToFirst(entry))];
}

async function changePins(
  parts: PinParts,
  signal: AbortSignal,
  edit: (lines: readonly string[], names: ReadonlySet<string>) => Edit,
): Promise<PinChange> {
  const lock = await waitForLock(parts, signal);
  try {
    const text = await readPins(parts.disk, parts.folder.pins);
    const { lines, changed, unchanged } = edit(
      text.split("\n").filter((line) => line !== ""),
      namesIn(text),
    );
    const newText = lines.map((line) => `${line}\n`).join("");
    if (newText !== text) await writePins(parts, newText);
    return { changed, unchanged, total: namesIn(newText).size };
  } catch (error) {
    throw storeFailure("write the pins", error);
  } finally {
    await lock.release();
  }
}

async function waitForLock(parts: PinParts, signal: AbortSignal): Promise<HeldLock> {
  const until = parts.clock.monotonic() + lockDeadlineMs;
  for (;;) {
    const lock = await acquireLock(parts, join(parts.folder.temporary, "pins.lock"), lockDeadlineMs);
    if (lock.kind === "held") return lock;
    if (parts.clock.monotonic() > until) {
      throw new Problem("STORE_FAILED", `Cannot write the pins: process ${lock.heldBy} holds their lock`);
    }
    await sleep(parts.clock, 20, signal);
  }
}

async function writePins(parts: PinParts, text: string): Promise<void> {
  const { disk, folder, owner, uniqueName } = parts;
  const fresh = join(folder.temporary, stagedName(owner, uniqueName()));
  try {
    await using file = await disk.create(fresh);
    await file.write(Buffer.from(text));
    await file.sync();
    await disk.rename(fresh, folder.pins);
    await disk.syncDirectory(folder.root);
  } catch (error) {
    await disk.remove(fresh).catch(() => {});
    throw error;
  }
}
