import { join } from "node:path";
import { Problem } from "../kernel/problem.ts";
import type { FileKey } from "../ports/store.ts";
import { evict } from "./evict.ts";
import type { FileStoreParts } from "./file-store-parts.ts";
import { acquireLock, type HeldLock } from "./lock-file.ts";
import { reconcile } from "./reconcile.ts";

const roundMs = 15_000;
const soonMs = 1_000;
const lockDeadlineMs = 120_000;
// Evicting below the limit leaves room, so that not every commit evicts again.
const roomShare = 0.05;

/**
 * The background work of a data folder: one scan at the start, then eviction. Of all processes that have
 * the folder open, the one that holds maintenance.lock does it; the others try for the lock in each round.
 */
export class Maintenance {
  readonly #parts: FileStoreParts & { readonly onEvicted: (key: FileKey) => void };
  readonly #maxBytes: number | null;
  readonly #abort = new AbortController();
  #lock: HeldLock | null = null;
  #isReconciled = false;
  #round: Promise<void>;
  #next: { readonly dueAt: number; readonly cancel: () => void } | null = null;

  constructor(parts: FileStoreParts & { readonly onEvicted: (key: FileKey) => void }, maxBytes: number | null) {
    this.#parts = parts;
    this.#maxBytes = maxBytes;
    this.#round = this.#run();
  }

  /** Looks at the size soon, after a commit. */
  noteGrowth(): void {
    if (this.#maxBytes !== null && this.#lock) this.#runWithin(soonMs);
  }

  /** Ends the work between two files and gives the lock back. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#next?.cancel();
    await this.#round;
    await this.#lock?.release();
    this.#lock = null;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    try {
      if (await this.#holdsLock()) {
        if (!this.#isReconciled) await reconcile(this.#parts, signal);
        this.#isReconciled = true;
        await this.#evictOverflow(signal);
      }
    } catch (error) {
      if (!signal.aborted) this.#parts.onTrouble(Problem.from(error));
    }
    this.#runWithin(roundMs);
  }

  async #holdsLock(): Promise<boolean> {
    if (this.#lock && (await this.#lock.renew())) return true;
    this.#lock = null;
    const lock = await acquireLock(this.#parts, join(this.#parts.folder.temporary, "maintenance.lock"), lockDeadlineMs);
    if (lock.kind === "held") this.#lock = lock;
    return lock.kind === "held";
  }

  async #evictOverflow(signal: AbortSignal): Promise<void> {
    const maxBytes = this.#maxBytes;
    if (maxBytes === null || this.#parts.index.totals().bytes <= maxBytes) return;
    const wish = { downToBytes: Math.floor(maxBytes * (1 - roomShare)) };
    let renewedAt = this.#parts.clock.monotonic();
    for await (const _file of evict(this.#parts, wish, signal)) {
      if (this.#parts.clock.monotonic() - renewedAt < lockDeadlineMs / 4) continue;
      renewedAt = this.#parts.clock.monotonic();
      if (!(await this.#holdsLock())) return;
    }
  }

  #runWithin(delayMs: number): void {
    if (this.#abort.signal.aborted) return;
    const { clock } = this.#parts;
    const dueAt = clock.monotonic() + delayMs;
    if (this.#next && this.#next.dueAt <= dueAt) return;
    this.#next?.cancel();
    const cancel = clock.after(delayMs, () => {
      this.#next = null;
      this.#round = this.#round.then(() => this.#run());
    });
    this.#next = { dueAt, cancel };
  }
}
