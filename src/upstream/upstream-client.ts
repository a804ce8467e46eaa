import type { UpstreamConfig } from "../config/config.ts";
import { sleep, type Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Random } from "../kernel/random.ts";
import type { UpstreamAsk, UpstreamBody, UpstreamHealth, UpstreamTry } from "../ports/upstream.ts";
import type { Source } from "./answer.ts";
import { Breaker, type BreakerState } from "./breaker.ts";
import { failure, type Failure } from "./failure.ts";
import { raceHedged } from "./hedge.ts";
import { oneLine } from "./mask.ts";
import { backoffAfter } from "./retry-wait.ts";
import { Turns } from "../kernel/turns.ts";

export type Receive<T> = (body: UpstreamBody, signal: AbortSignal) => Promise<T>;

/** How asking one upstream, retries and all, ended. */
export type Outcome<T> =
  | { readonly kind: "found"; readonly value: T }
  | { readonly kind: "unchanged" }
  | { readonly kind: "failed"; readonly failure: Failure; readonly attempt: number; readonly tookMs: number };

interface Parts {
  readonly config: UpstreamConfig;
  readonly source: Source;
  readonly clock: Clock;
  readonly random: Random;
}

/** One upstream with its memory: asks, tries again, hedges, and leaves it alone while it is down. */
export class UpstreamClient {
  readonly config: UpstreamConfig;
  readonly source: Source;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #breaker: Breaker;
  readonly #turns: Turns;
  #lastOkAtMs: number | null = null;
  #lastFailure: string | null = null;

  constructor({ config, source, clock, random }: Parts) {
    this.config = config;
    this.source = source;
    this.#clock = clock;
    this.#random = random;
    this.#breaker = new Breaker(config.breaker, clock);
    this.#turns = new Turns(config.connections);
  }

  get health(): UpstreamHealth {
    return {
      upstream: this.config.name,
      host: this.source.host,
      breaker: this.#breaker.state,
      lastOkAtMs: this.#lastOkAtMs,
      lastFailure: this.#lastFailure,
    };
  }

  /**
   * Asks until an answer is final, attempts are used up, or the next wait is longer than `headersMs` or ends
   * more than `totalMs` after the start. Rejects with the signal's reason, and with what `receive` throws
   * unless that is UPSTREAM_DAMAGED, a mismatch of hashes, or follows from a body that broke off.
   */
  async fetch<T>(ask: UpstreamAsk, receive: Receive<T>, signal: AbortSignal): Promise<Outcome<T>> {
    const { attempts, maxBackoffMs } = this.config.retry;
    const { headersMs, totalMs } = this.config.timeouts;
    const startedAt = this.#clock.monotonic();
    let isBlamed = false;
    let last: Failure | null = null;
    for (let attempt = 1; ; attempt++) {
      const round: Outcome<T> = await this.#round(ask, receive, { attempt, isBlamed, last }, signal);
      if (round.kind !== "failed") return round;
      last = round.failure;
      isBlamed ||= last.blame === "request";
      const tookMs = this.#clock.monotonic() - startedAt;
      const waitMs = Math.max(backoffAfter(attempt, this.config.retry, this.#random), last.retryAfterMs ?? 0);
      const isTooLong = waitMs > Math.max(headersMs, maxBackoffMs) || tookMs + waitMs >= totalMs;
      if (!last.mayRetry || attempt >= attempts || isTooLong || this.#breaker.state === "open") {
        return { kind: "failed", failure: this.#withRetryAfter(last), attempt, tookMs };
      }
      await sleep(this.#clock, waitMs, signal);
    }
  }

  async #round<T>(
    ask: UpstreamAsk,
    receive: Receive<T>,
    history: { readonly attempt: number; readonly isBlamed: boolean; readonly last: Failure | null },
    signal: AbortSignal,
  ): Promise<Outcome<T>> {
    const startedAt = this.#clock.monotonic();
    const { attempt } = history;
    const pass = this.#breaker.enter();
    const breaker: BreakerState = pass?.state ?? "open";
    const report = (outcome: UpstreamTry["outcome"], status: number | null, reason: string): void => {
      const tookMs = this.#clock.monotonic() - startedAt;
      ask.onTry({ upstream: this.config.name, attempt, outcome, status, reason, tookMs, breaker });
    };
    const fail = (failure: Failure): Outcome<T> => {
      this.#lastFailure = failure.kind === "absent" ? null : failure.reason;
      if (failure.kind === "absent") this.#lastOkAtMs = this.#clock.now();
      report(failure.kind === "loop" ? "unreachable" : failure.kind, failure.status, failure.reason);
      return { kind: "failed", failure, attempt, tookMs: this.#clock.monotonic() - startedAt };
    };
    const succeed = <R extends Outcome<T>>(outcome: R, status: number, reason: string): R => {
      this.#lastOkAtMs = this.#clock.now();
      this.#lastFailure = null;
      this.#breaker.recordSuccess();
      report(outcome.kind === "found" ? "found" : "unchanged", status, reason);
      return outcome;
    };

    if (!pass) {
      const skipped = history.last ?? this.#skipped();
      report("skipped", null, skipped.reason);
      return { kind: "failed", failure: skipped, attempt, tookMs: 0 };
    }
    try {
      const answer = await raceHedged(
        {
          clock: this.#clock,
          hedgeAfterMs: this.config.hedgeAfterMs,
          turns: this.#turns,
          send: (signal) => this.source.ask(ask, signal),
          onLoser: () => report("skipped", null, "the other of two hedged requests was first"),
        },
        signal,
      );
      if (answer.kind === "failed") {
        const { blame } = answer.failure;
        if (blame === "attempt" || (blame === "request" && !history.isBlamed)) pass.failed();
        else if (blame === "request") pass.dropped();
        else this.#answered(pass);
        return fail(answer.failure);
      }
      pass.answered();
      if (answer.kind === "unchanged") return succeed({ kind: "unchanged" }, 304, "304 Not Modified");

      try {
        const value = await receive({ upstream: this.config.name, ...answer.body }, signal);
        return succeed({ kind: "found", value }, 200, "200 OK");
      } catch (error) {
        signal.throwIfAborted();
        const broken = answer.brokenBy() ?? damagedBy(error);
        if (!broken) {
          report("found", 200, "200 OK, and then it could not be kept here");
          throw error;
        }
        if (broken.blame !== "none" && !history.isBlamed) this.#breaker.recordFailure();
        return fail(broken);
      } finally {
        answer.cancel();
      }
    } catch (error) {
      pass.dropped();
      if (signal.aborted) report("skipped", null, "cancelled, nobody waits for it any more");
      throw error;
    }
  }

  #answered(pass: { answered(): void }): void {
    pass.answered();
    this.#breaker.recordSuccess();
  }

  #skipped(): Failure {
    // Half open with its one trial under way, nothing remains; ask again when that may have ended.
    const retryAfterMs = Math.max(1000, this.#breaker.remainingMs);
    const since = this.#lastFailure === null ? "" : `, it failed with: ${this.#lastFailure}`;
    const reason = `not asked for another ${Math.ceil(retryAfterMs / 1000)} s${since}`;
    return failure("unreachable", oneLine(reason, 200), { isSkipped: true, retryAfterMs });
  }

  #withRetryAfter(last: Failure): Failure {
    if (last.kind !== "unreachable" || last.retryAfterMs !== null || this.#breaker.state !== "open") return last;
    return { ...last, retryAfterMs: this.#breaker.remainingMs };
  }
}

function damagedBy(error: unknown): Failure | null {
  if (!(error instanceof Problem)) return null;
  switch (error.code) {
    case "UPSTREAM_DAMAGED":
      return failure("damaged", oneLine(error.message, 200), { status: 200 });
    case "SUMDB_MISMATCH":
    case "FIRST_SEEN_MISMATCH":
      // The message of the whole names both hashes.
      return failure("damaged", "200, and not the file that it should be", { status: 200, forgery: error });
    default:
      return null;
  }
}
