import { Worker } from "node:worker_threads";
import type { FileStat } from "../ports/disk.ts";
import type { Publisher, WholeFile } from "./publish-whole.ts";

/** A file on its way to the publishing thread. */
export interface PublishJob extends WholeFile {
  readonly id: number;
}

/** What became of it. */
export interface PublishOutcome {
  readonly id: number;
  readonly stat: FileStat | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

interface Waiting {
  resolve(stat: FileStat): void;
  reject(error: Error): void;
}

const maxBatch = 64;

/**
 * Publishes small files in a thread of its own, which is started with the first one: about twelve system calls a
 * file, and the fsyncs among them, cost the thread that answers requests two messages a batch. While a batch is
 * under way the next one gathers.
 */
export class WorkerPublisher implements Publisher {
  #worker: Worker | null = null;
  #gathered: PublishJob[] = [];
  #isBusy = false;
  #nextId = 1;
  readonly #waiting = new Map<number, Waiting>();
  #onIdle: (() => void) | null = null;

  publish(file: WholeFile): Promise<FileStat> {
    const id = this.#nextId++;
    this.#gathered.push({ id, ...file });
    const published = Promise.withResolvers<FileStat>();
    this.#waiting.set(id, published);
    // Files of one turn of the loop go together.
    if (!this.#isBusy && this.#gathered.length === 1) setImmediate(() => this.#send());
    return published.promise;
  }

  async close(): Promise<void> {
    if (this.#waiting.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await this.#worker?.terminate();
    this.#worker = null;
  }

  #send(): void {
    if (this.#isBusy || this.#gathered.length === 0) return;
    this.#isBusy = true;
    const batch = this.#gathered.splice(0, maxBatch);
    (this.#worker ??= this.#start()).postMessage(batch);
  }

  #start(): Worker {
    // Development runs the sources, an installation what was made of them.
    const file = import.meta.url.endsWith(".ts") ? "./publish-worker.ts" : "./publish-worker.js";
    const worker = new Worker(new URL(file, import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    worker.unref();
    worker.on("message", (outcomes: readonly PublishOutcome[]) => this.#settle(outcomes));
    worker.on("error", (error) => this.#fail(worker, error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", () => this.#fail(worker, new Error("The publishing thread ended")));
    return worker;
  }

  #settle(outcomes: readonly PublishOutcome[]): void {
    this.#isBusy = false;
    this.#send();
    for (const { id, stat, failure } of outcomes) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (stat) waiting?.resolve(stat);
      else
        waiting?.reject(Object.assign(new Error(failure?.message ?? "no outcome"), { code: failure?.code ?? "EIO" }));
    }
    if (this.#waiting.size === 0) this.#onIdle?.();
  }

  /** A thread that ended takes its files with it; the next file starts another. */
  #fail(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#isBusy = false;
    this.#gathered = [];
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of lost) waiting.reject(Object.assign(error, { code: "EIO" }));
    this.#onIdle?.();
  }
}
