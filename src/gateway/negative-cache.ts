import { LRUCache } from "lru-cache";
import type { Clock } from "../kernel/clock.ts";
import type { Problem } from "../kernel/problem.ts";

/**
 * Remembers proved absence for a short time, because over https `go` sends every request that ends in
 * 4xx twice (GO-FACTS A.5). Nothing but `absent` is kept: every other failure may be over by now.
 */
export class NegativeCache {
  readonly #ttlMs: number;
  readonly #clock: Clock;
  readonly #problems: LRUCache<string, { readonly problem: Problem; readonly untilMs: number }>;

  constructor(ttlMs: number, clock: Clock) {
    this.#ttlMs = ttlMs;
    this.#clock = clock;
    this.#problems = new LRUCache({ max: 10_000 });
  }

  find(key: string): Problem | undefined {
    const entry = this.#problems.get(key);
    if (entry === undefined) return undefined;
    if (entry.untilMs > this.#clock.monotonic()) return entry.problem;
    this.#problems.delete(key);
    return undefined;
  }

  /** Keeps the problem under `key` if it is a proved absence. */
  remember(key: string, problem: Problem): void {
    if (problem.verdict !== "absent" || this.#ttlMs <= 0) return;
    this.#problems.set(key, { problem, untilMs: this.#clock.monotonic() + this.#ttlMs });
  }
}
