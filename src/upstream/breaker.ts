import type { UpstreamBreaker } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";

export type BreakerState = "closed" | "open" | "half-open";

/** Leave to ask once. Whoever holds it settles it by one of the three; what comes after the first is ignored. */
export interface Pass {
  readonly state: "closed" | "half-open";
  /** An answer came, whatever it said, so long as it is no outage. */
  answered(): void;
  failed(): void;
  /** Nothing was learnt: the caller went away. */
  dropped(): void;
}

/**
 * Remembers that an upstream is down, so that the next request does not wait for it again. `failures` in
 * a row open it; after `openMs` one request may try, and its end closes or reopens it.
 */
export class Breaker {
  readonly #config: UpstreamBreaker;
  readonly #clock: Clock;
  #failuresInRow = 0;
  /** By the monotonic clock; null while not open. */
  #openUntil: number | null = null;
  #trialUnderWay = false;

  constructor(config: UpstreamBreaker, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  get state(): BreakerState {
    if (this.#openUntil === null) return "closed";
    return this.#clock.monotonic() < this.#openUntil ? "open" : "half-open";
  }

  /** Until a request may try again, in milliseconds; 0 where one may now. */
  get remainingMs(): number {
    return this.#openUntil === null ? 0 : Math.max(0, this.#openUntil - this.#clock.monotonic());
  }

  /** Leave to ask; null while it is open, or half open with its one trial under way. */
  enter(): Pass | null {
    const { state } = this;
    if (state === "open" || (state === "half-open" && this.#trialUnderWay)) return null;
    const isTrial = state === "half-open";
    if (isTrial) this.#trialUnderWay = true;
    let isSettled = false;
    const once = (learn: () => void) => (): void => {
      if (isSettled) return;
      isSettled = true;
      if (isTrial) this.#trialUnderWay = false;
      learn();
    };
    return {
      state,
      answered: once(() => {
        if (!isTrial) return;
        // The head of one answer proves only so much: the next failure opens it again at once.
        this.#failuresInRow = this.#config.failures - 1;
        this.#openUntil = null;
      }),
      failed: once(() => this.recordFailure()),
      dropped: once(() => {}),
    };
  }

  /** A whole good answer: the row of failures starts anew. */
  recordSuccess(): void {
    if (this.#openUntil === null) this.#failuresInRow = 0;
  }

  /** One more failure in the row. */
  recordFailure(): void {
    this.#failuresInRow++;
    if (this.#failuresInRow >= this.#config.failures) {
      this.#openUntil = this.#clock.monotonic() + this.#config.openMs;
    }
  }
}
