import { Worker } from "node:worker_threads";
import { Problem } from "../kernel/problem.ts";
import type { Hasher, ZipContent } from "../ports/hasher.ts";

/** A zip on its way to a hashing thread. */
export interface HashJob {
  readonly id: number;
  readonly content: ZipContent;
  /** What messages call it: `MODULE@VERSION`. */
  readonly label: string;
}

/** What became of it. */
export interface HashOutcome {
  readonly id: number;
  readonly h1: string | null;
  readonly failure: { readonly isDamage: boolean; readonly message: string } | null;
}

interface Waiting {
  readonly job: HashJob;
  readonly resolve: (h1: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Hashes zips in threads of its own, at most `threads` at once, each started when it is first needed; the others wait
 * in the order in which they came. A thread that dies takes its one zip with it, and the next zip starts another.
 */
export class WorkerHasher implements Hasher {
  readonly #threads: number;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Waiting>();
  #queue: Waiting[] = [];
  #nextId = 1;
  #onIdle: (() => void) | null = null;

  constructor(threads: number) {
    this.#threads = Math.max(1, threads);
  }

  zip(content: ZipContent, label: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const job = { id: this.#nextId++, content, label };
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const waiting = { job, resolve, reject };
    // One that is being hashed goes on to its end; nobody waits for it any more.
    const onAbort = (): void => {
      this.#queue = this.#queue.filter((one) => one !== waiting);
      reject(signal.reason instanceof Error ? signal.reason : new Error("aborted", { cause: signal.reason }));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    this.#queue.push(waiting);
    this.#next();
    return promise.finally(() => signal.removeEventListener("abort", onAbort));
  }

  async close(): Promise<void> {
    if (this.#busy.size > 0 || this.#queue.length > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await Promise.all(this.#idle.splice(0).map((worker) => worker.terminate()));
  }

  #next(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? (this.#busy.size < this.#threads ? this.#start() : null);
      if (worker === null) return;
      const waiting = this.#queue.shift();
      if (waiting === undefined) return void this.#idle.push(worker);
      this.#busy.set(worker, waiting);
      // Only one that works keeps the process alive.
      worker.ref();
      worker.postMessage(waiting.job);
    }
    if (this.#busy.size === 0) this.#onIdle?.();
  }

  #start(): Worker {
    // Development runs the sources, an installation what was made of them.
    const file = import.meta.url.endsWith(".ts") ? "./hash-worker.ts" : "./hash-worker.js";
    const worker = new Worker(new URL(file, import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: 4 } });
    worker.on("message", (outcome: HashOutcome) => this.#settle(worker, outcome));
    worker.on("error", (error) => this.#lose(worker, error));
    worker.on("exit", () => this.#lose(worker, new Error("it ended")));
    return worker;
  }

  #settle(worker: Worker, { h1, failure }: HashOutcome): void {
    const waiting = this.#busy.get(worker);
    this.#busy.delete(worker);
    this.#idle.push(worker);
    worker.unref();
    if (h1 !== null) waiting?.resolve(h1);
    else {
      const code = failure?.isDamage ? "UPSTREAM_DAMAGED" : "STORE_FAILED";
      const message = failure?.message ?? "no outcome";
      const said = failure?.isDamage ? message : `Cannot hash the zip of ${waiting?.job.label ?? ""}: ${message}`;
      waiting?.reject(new Problem(code, said));
    }
    this.#next();
  }

  #lose(worker: Worker, cause: unknown): void {
    const waiting = this.#busy.get(worker);
    this.#busy.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    waiting?.reject(
      new Problem("STORE_FAILED", `Cannot hash the zip of ${waiting.job.label}: its thread died`, { cause }),
    );
    this.#next();
  }
}
