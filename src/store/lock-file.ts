import type { Clock } from "../kernel/clock.ts";
import type { Disk } from "../ports/disk.ts";
import { hasCode } from "./node-disk.ts";
import { isGone, type Owner } from "./owner.ts";
import { storeFailure } from "./store-failure.ts";

/** What locks need. */
export interface LockParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly owner: Owner;
  /** Unlike any other of this process and of any other. */
  readonly uniqueName: () => string;
}

/** What a lock file says of its holder. */
export interface LockNote {
  readonly pid: number;
  readonly host: string;
  readonly atMs: number;
  readonly token: string;
}

/** A lock that this process holds. */
export interface HeldLock {
  readonly kind: "held";
  /** Takes the lock file away, if it is still this one. */
  release(): Promise<void>;
  /** Starts its deadline anew; false where somebody took it over. */
  renew(): Promise<boolean>;
}

/** A lock of somebody else. */
export interface BusyLock {
  readonly kind: "busy";
  readonly heldBy: number;
}

// Between its creation and the writing of its note a lock file is empty.
const unwrittenMs = 2_000;
const takeoverMs = 5_000;

/**
 * Takes the lock at `path`, or says who holds it (0 where that is being decided). A lock whose process is
 * gone, or that is older than `deadlineMs`, is taken over; a holder that lives past its deadline does not
 * notice, so what the lock protects must be right all the same. STORE_FAILED where the disk fails.
 */
export async function acquireLock(parts: LockParts, path: string, deadlineMs: number): Promise<HeldLock | BusyLock> {
  const { disk, clock, owner, uniqueName } = parts;
  const token = uniqueName();
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      const note = { pid: owner.pid, host: owner.host, atMs: clock.now(), token };
      if (await createLock(disk, path, note)) return heldLock(parts, path, token);
      const found = await readNote(parts, path);
      if (!found) continue;
      if (!isStale(parts, found, deadlineMs)) return { kind: "busy", heldBy: found.pid };
      await takeAway(parts, path, found, deadlineMs);
    }
  } catch (error) {
    throw storeFailure(`take the lock ${path}`, error);
  }
  return { kind: "busy", heldBy: 0 };
}

/** The holder of the lock, null where nobody holds it or it is stale. */
export async function liveHolder(parts: LockParts, path: string, deadlineMs: number): Promise<LockNote | null> {
  const note = await readNote(parts, path);
  return note && !isStale(parts, note, deadlineMs) ? note : null;
}

/** Takes a stale lock away; false where it is live, or there is none. Throws what the disk throws. */
export async function removeStaleLock(parts: LockParts, path: string, deadlineMs: number): Promise<boolean> {
  const note = await readNote(parts, path);
  if (!note || !isStale(parts, note, deadlineMs)) return false;
  await takeAway(parts, path, note, deadlineMs);
  return true;
}

function isStale(parts: LockParts, note: LockNote, deadlineMs: number): boolean {
  return isGone(parts.owner, note, note.atMs) || parts.clock.now() - note.atMs > deadlineMs;
}

// One at a time, and looked at again: else a late taker would remove the lock that an earlier one just took.
async function takeAway(parts: LockParts, path: string, stale: LockNote, deadlineMs: number): Promise<void> {
  const { disk, clock, owner } = parts;
  const guard = `${path}-takeover`;
  const note = { pid: owner.pid, host: owner.host, atMs: clock.now(), token: parts.uniqueName() };
  if (!(await createLock(disk, guard, note))) {
    const taker = await readNote(parts, guard);
    if (taker && isStale(parts, taker, takeoverMs)) await disk.remove(guard);
    return;
  }
  try {
    const found = await readNote(parts, path);
    if (found?.token === stale.token && isStale(parts, found, deadlineMs)) await disk.remove(path);
  } finally {
    await disk.remove(guard);
  }
}

function heldLock(parts: LockParts, path: string, token: string): HeldLock {
  const { disk, clock, owner } = parts;
  const isMine = async (): Promise<boolean> => (await readNote(parts, path))?.token === token;
  return {
    kind: "held",
    release: async () => {
      try {
        if (await isMine()) await disk.remove(path);
      } catch {
        // It stays until its deadline, or until this process is gone.
      }
    },
    renew: async () => {
      if (!(await isMine())) return false;
      const fresh = `${path}-${token}`;
      await createLock(disk, fresh, { pid: owner.pid, host: owner.host, atMs: clock.now(), token });
      await disk.rename(fresh, path);
      return true;
    },
  };
}

async function createLock(disk: Disk, path: string, note: LockNote): Promise<boolean> {
  try {
    await using file = await disk.create(path);
    try {
      await file.write(Buffer.from(`${note.pid} ${note.host} ${note.atMs} ${note.token}\n`));
    } catch (error) {
      await disk.remove(path);
      throw error;
    }
    return true;
  } catch (error) {
    if (hasCode(error, ["EEXIST"])) return false;
    throw error;
  }
}

async function readNote(parts: LockParts, path: string): Promise<LockNote | null> {
  let text: string;
  try {
    text = (await parts.disk.readFile(path)).toString();
  } catch (error) {
    if (hasCode(error, ["ENOENT"])) return null;
    throw error;
  }
  const [, pid, host = "", atMs, token = ""] = /^(\d+) (\S+) (\d+) (\S+)\n$/.exec(text) ?? [];
  if (pid !== undefined) return { pid: Number(pid), host, atMs: Number(atMs), token };
  const stat = await parts.disk.stat(path);
  if (!stat) return null;
  const isYoung = parts.clock.now() - stat.modifiedAtMs <= unwrittenMs;
  return { pid: 0, host: "", atMs: isYoung ? parts.clock.now() : Number.NEGATIVE_INFINITY, token: "" };
}
