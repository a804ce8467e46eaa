import { Worker } from "node:worker_threads";
import type { HashJob, HashOutcome, HashThreadData } from "./hash-job.ts";

/** Jobs that a thread is given at once: with two it need not wait for the next. */
export const slotsPerThread = 2;

export interface ThreadEvents {
  onOutcome(thread: HashThread, outcome: HashOutcome): void;
  /** It has ended without being told to, with the jobs that were not answered, in their order. */
  onDeath(thread: HashThread, lost: readonly HashJob[], error: Error): void;
}

/** One hashing thread and the jobs that it has; it does them in their order. */
export class HashThread {
  readonly #worker: Worker;
  readonly #flags = new Int32Array(new SharedArrayBuffer(4 * slotsPerThread));
  // By slot; Map order is the order in which they were given.
  readonly #jobs = new Map<number, HashJob>();
  #isOver = false;

  constructor(events: ThreadEvents) {
    // Development runs the sources, an installation what was made of them.
    const file = import.meta.url.endsWith(".ts") ? "./hash-worker.ts" : "./hash-worker.js";
    const workerData: HashThreadData = { flags: this.#flags };
    this.#worker = new Worker(new URL(file, import.meta.url), {
      workerData,
      // Content lives outside of the heap; a smaller young generation costs a thread 40 MB less.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    this.#worker.unref();
    this.#worker.on("message", (outcome: HashOutcome) => {
      for (const [slot, { id }] of this.#jobs) if (id === outcome.id) this.#jobs.delete(slot);
      if (this.#jobs.size === 0) this.#worker.unref();
      events.onOutcome(this, outcome);
    });
    const die = (error: Error): void => {
      if (this.#isOver) return;
      this.#isOver = true;
      events.onDeath(this, [...this.#jobs.values()], error);
    };
    this.#worker.on("error", (error) => die(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on("exit", () => die(new Error("A hashing thread has ended")));
  }

  get jobs(): number {
    return this.#jobs.size;
  }

  /** False where it has as many as it takes. */
  give(job: Omit<HashJob, "slot">): boolean {
    const slot = [0, 1].find((free) => !this.#jobs.has(free));
    if (slot === undefined) return false;
    Atomics.store(this.#flags, slot, 0);
    const placed = { ...job, slot };
    this.#jobs.set(slot, placed);
    // Only a thread that has work keeps the process alive.
    this.#worker.ref();
    this.#worker.postMessage(placed);
    return true;
  }

  /** Lets it go on with the next job soon. The job is still answered, with `abandoned`. */
  abandon(id: number): void {
    for (const [slot, job] of this.#jobs) if (job.id === id) Atomics.store(this.#flags, slot, 1);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#worker.terminate();
  }
}
