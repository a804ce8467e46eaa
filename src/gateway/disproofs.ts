import { LRUCache } from "lru-cache";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Store } from "../ports/store.ts";
import { isVersionFile } from "./artifact.ts";
import type { FileRequest } from "./errand.ts";
import { NegativeCache } from "./negative-cache.ts";

interface DisproofParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly negativeTtlMs: number;
}

/** What upstreams have said against a file, by flight key. */
export class Disproofs {
  readonly #store: Store;
  readonly #absences: NegativeCache;
  // Copies denied or proved absent since they were made: not served again before an upstream has them again.
  readonly #refuted = new LRUCache<string, true>({ max: 10_000 });

  constructor({ store, clock, negativeTtlMs }: DisproofParts) {
    this.#store = store;
    this.#absences = new NegativeCache(negativeTtlMs, clock);
  }

  /** The absence that was proved a moment ago; none where the version has been seen since. */
  absence(key: string, request: FileRequest): Problem | undefined {
    const problem = this.#absences.find(key);
    return problem && this.#wasHere(request) && problem.code === "MODULE_ABSENT" ? undefined : problem;
  }

  /** True where a copy kept under the key may not be served unasked, nor instead of an error. */
  isRefuted(key: string): boolean {
    return this.#refuted.has(key);
  }

  /** Keeps what a failure proves; an outage proves nothing. */
  learn(key: string, request: FileRequest, error: unknown): void {
    const problem = this.problemOf(request, error);
    if (problem.verdict === "absent" || problem.verdict === "denied") this.#refuted.set(key, true);
    this.#absences.remember(key, problem);
  }

  /** An upstream has it. */
  forget(key: string): void {
    this.#refuted.delete(key);
  }

  /** The error as a Problem. Absence of what was served here once is MODULE_GONE: it is gone, not misspelt. */
  problemOf(request: FileRequest, error: unknown): Problem {
    const problem = Problem.from(error);
    if (problem.code !== "MODULE_ABSENT") return problem;
    if (!this.#wasHere(request)) return problem;
    return new Problem("MODULE_GONE", `${problem.message}; it was served here before`, {
      tried: problem.tried,
      cause: problem,
    });
  }

  #wasHere(request: FileRequest): boolean {
    if (isVersionFile(request)) return this.#store.wasSeen(request.module, request.version);
    return request.kind !== "sumdb" && this.#store.answerMeta(request.key) !== null;
  }
}
