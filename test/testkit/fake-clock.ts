import type { Clock } from "../../src/kernel/clock.ts";

interface Timer {
  readonly dueAt: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  #order = 0;
  #timers = new Set<Timer>();

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueAt: this.#monotonic + Math.max(0, delayMs), order: this.#order++, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** The delays of the waiting timers from now on, the nearest first, in milliseconds. */
  get delays(): readonly number[] {
    return this.#sorted().map((timer) => timer.dueAt - this.#monotonic);
  }

  /**
   * Moves time on by `ms` and runs what falls due, in order, each at its own time. Promises that a timer
   * settles are followed up between two timers, so that `await clock.advance(1000)` sees their effects.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#monotonic + ms;
    await settle();
    for (let next = this.#sorted()[0]; next && next.dueAt <= until; next = this.#sorted()[0]) {
      this.#moveTo(next.dueAt);
      this.#timers.delete(next);
      next.run();
      await settle();
    }
    this.#moveTo(until);
  }

  /** Sets the wall clock alone, as an administrator does; timers stay where they are. */
  setWall(now: number): void {
    this.#now = now;
  }

  #sorted(): Timer[] {
    return [...this.#timers].sort((left, right) => left.dueAt - right.dueAt || left.order - right.order);
  }

  #moveTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }
}

// setImmediate comes after every promise that is ready, and after their own follow-ups.
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
