import type { Exchange } from "../ports/exchange.ts";
import type { Generation } from "./generation.ts";

/** A generation with the requests that it is answering now. */
export class Lane {
  readonly generation: Generation;
  /** Requests that its own configuration answered; what the cache already had says nothing about it. */
  requests = 0;
  /** Those that ended in trouble, or would have without an old copy. */
  errors = 0;
  #underWay = 0;
  #retired: (() => void) | null = null;

  constructor(generation: Generation) {
    this.generation = generation;
  }

  enter(): void {
    this.#underWay++;
  }

  /** Counts how the request ended. */
  leave(exchange: Pick<Exchange, "verdict" | "cache" | "problem">): void {
    const { verdict, cache, problem } = exchange;
    const isTrouble = verdict === "unreachable" || verdict === "damaged" || (verdict === "ok" && problem !== null);
    if (isTrouble) this.errors++;
    if (isTrouble || cache !== "hit") this.requests++;
    this.#underWay--;
    if (this.#underWay === 0) this.#retired?.();
  }

  /** Closes the generation as soon as nothing uses it any more. */
  async retire(): Promise<void> {
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#retired = resolve;
      });
    }
    await this.generation.close();
  }
}

/** Splits requests: exactly `share` of them, evenly spread, go to the canary. No randomness, so a test can count. */
export class Splitter {
  readonly #share: number;
  #credit = 0;

  constructor(share: number) {
    this.#share = share;
  }

  /** True where this request is the canary's. */
  next(): boolean {
    this.#credit += this.#share;
    // Sums of decimal shares fall short of the whole by a rounding error.
    if (this.#credit < 1 - 1e-9) return false;
    this.#credit -= 1;
    return true;
  }
}
