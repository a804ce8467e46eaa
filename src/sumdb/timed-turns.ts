import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import { Turns } from "../kernel/turns.ts";

export interface TimedTurnsOptions {
  /** The database that the work is for. */
  readonly database: string;
  readonly clock: Clock;
  /** How many pieces of work are under way at once; the others wait. */
  readonly concurrency: number;
  /** How long one may take, its turn included. */
  readonly timeoutMs: number;
}

/** Gives each piece of work for a database its turn and its time. */
export class TimedTurns {
  readonly #options: TimedTurnsOptions;
  readonly #turns: Turns;

  constructor(options: TimedTurnsOptions) {
    this.#options = options;
    this.#turns = new Turns(options.concurrency);
  }

  /** UPSTREAM_UNREACHABLE with status 504 where `subject` was not proved in time; its signal is aborted then. */
  async run<T>(subject: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#options;
    const late = new AbortController();
    const stopTimer = clock.after(timeoutMs, () => late.abort(this.#tooLate(subject)));
    const either = AbortSignal.any([signal, late.signal]);
    try {
      const endTurn = await this.#turns.take(either);
      try {
        return await work(either);
      } finally {
        endTurn();
      }
    } finally {
      stopTimer();
    }
  }

  #tooLate(subject: string): Problem {
    const { database, timeoutMs } = this.#options;
    const message = `The checksum database ${database} has not proved ${subject} within ${timeoutMs / 1000} s`;
    return new Problem("UPSTREAM_UNREACHABLE", message, { status: 504 });
  }
}
