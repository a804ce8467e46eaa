import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Config } from "../config/config.ts";
import type { Ask, Reply } from "../ports/ask.ts";
import type { Exchange } from "../ports/exchange.ts";
import type { Generation, RolloutEvent } from "./generation.ts";
import { Lane, Splitter } from "./traffic.ts";

interface RolloutParts {
  readonly clock: Clock;
  /** Loads and lints the configuration as it is now; CONFIG_INVALID with every reason where it is wrong. */
  readonly load: () => Promise<Config>;
  /** Builds a generation beside the running one. */
  readonly build: (config: Config, number: number) => Promise<Generation>;
  /** Real module requests through the new chain; what failed, one line each. */
  readonly smoke: (config: Config, signal: AbortSignal) => Promise<readonly string[]>;
  readonly onEvent: (event: RolloutEvent) => void;
}

// Fewer requests say nothing about a rate.
const leastRequests = 20;
const fixedWhileRunning = ["listen", "data", "processes", "tls"] as const;

/** Carries every request, and changes the configuration under way: load, lint, smoke, canary, then promote or take back. */
export class Rollout {
  readonly #parts: RolloutParts;
  #current: Lane;
  #canary: { readonly lane: Lane; readonly splitter: Splitter; readonly cancel: () => void } | null = null;
  #lastNumber: number;
  // One attempt at a time; a signal in the middle of one asks for another after it.
  #attempt: Promise<void> = Promise.resolve();
  // Lanes that take no more requests, until their last one and its fetches are over.
  readonly #retiring = new Map<Lane, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(parts: RolloutParts, first: Generation) {
    this.#parts = parts;
    this.#current = new Lane(first);
    this.#lastNumber = first.number;
  }

  get current(): Generation {
    return this.#current.generation;
  }

  get canary(): Generation | null {
    return this.#canary?.lane.generation ?? null;
  }

  /** Answers one request with the running configuration, or with the canary where it is its turn. */
  async serve(ask: Ask, reply: Reply): Promise<Exchange> {
    const canary = this.#canary;
    const isCanary = canary !== null && canary.splitter.next();
    const lane = isCanary ? canary.lane : this.#current;
    lane.enter();
    const exchange = await lane.generation.serve(ask, reply);
    lane.leave(exchange);
    if (isCanary) this.#judge(lane);
    return exchange;
  }

  /** Tries the configuration as it is now. Resolves when it is refused or has become the canary. */
  propose(): Promise<void> {
    this.#attempt = this.#attempt.then(() => this.#try());
    return this.#attempt;
  }

  /** Takes the canary back because another process of this gateway did, where it is still one here. */
  takeBack(number: number, reason: string): void {
    const lane = this.#canary?.lane;
    if (lane?.generation.number === number) this.#takeBack(lane, reason);
  }

  /** Gives up every flight of every configuration: who waits for one is refused with SHUTTING_DOWN. */
  giveUp(): void {
    const lanes = [this.#current, this.#canary?.lane, ...this.#retiring.keys()];
    for (const lane of lanes) lane?.generation.abandon();
  }

  /** Ends a canary without a judgement, gives up what upstreams still owe, and closes everything. */
  async close(): Promise<void> {
    this.#closing.abort();
    const canary = this.#canary;
    this.#canary = null;
    canary?.cancel();
    if (canary) this.#retire(canary.lane);
    this.#retire(this.#current);
    for (const lane of this.#retiring.keys()) lane.generation.abandon();
    await Promise.all([...this.#retiring.values(), this.#attempt]);
  }

  async #try(): Promise<void> {
    const { signal } = this.#closing;
    const number = ++this.#lastNumber;
    let stage: "load" | "lint" | "smoke" = "load";
    try {
      const loaded = await this.#parts.load();
      const kept = fixedWhileRunning.filter((key) => !isSame(loaded[key], this.current.config[key]));
      if (kept.length > 0) this.#parts.onEvent({ kind: "needs-restart", generation: number, keys: kept });
      const { listen, data, processes, tls } = this.current.config;
      const config: Config = { ...loaded, listen, data, processes, tls };
      stage = "smoke";
      const failures = await this.#parts.smoke(config, signal);
      if (signal.aborted) return;
      if (failures.length > 0)
        return this.#parts.onEvent({ kind: "refused", generation: number, stage, reasons: failures });
      const generation = await this.#parts.build(config, number);
      if (signal.aborted) await generation.close();
      else this.#startCanary(generation);
    } catch (error) {
      if (signal.aborted) return;
      const problem = Problem.from(error);
      const reasons = problem.tried.length > 0 ? problem.tried : [problem.message];
      this.#parts.onEvent({ kind: "refused", generation: number, stage, reasons });
    }
  }

  #startCanary(generation: Generation): void {
    const replaced = this.#canary;
    replaced?.cancel();
    const { share, forMs } = generation.config.canary;
    const lane = new Lane(generation);
    const cancel = this.#parts.clock.after(forMs, () => this.#promote(lane));
    this.#canary = { lane, splitter: new Splitter(share), cancel };
    this.#parts.onEvent({ kind: "canary", generation: generation.number, share, forMs });
    if (replaced) this.#retire(replaced.lane);
    if (forMs <= 0 || share >= 1) this.#promote(lane);
  }

  #judge(lane: Lane): void {
    const { maxErrorRate } = lane.generation.config.canary;
    if (this.#canary?.lane !== lane || lane.requests < leastRequests) return;
    if (lane.errors / lane.requests <= maxErrorRate) return;
    this.#takeBack(lane, `${lane.errors} of ${lane.requests} requests failed; allowed is ${maxErrorRate * 100} %`);
  }

  #promote(lane: Lane): void {
    if (this.#canary?.lane !== lane) return;
    const { maxErrorRate } = lane.generation.config.canary;
    if (lane.requests > 0 && lane.errors / lane.requests > maxErrorRate) {
      return this.#takeBack(
        lane,
        `${lane.errors} of ${lane.requests} requests failed; allowed is ${maxErrorRate * 100} %`,
      );
    }
    this.#canary.cancel();
    this.#canary = null;
    const old = this.#current;
    this.#current = lane;
    this.#parts.onEvent({
      kind: "promoted",
      generation: lane.generation.number,
      requests: lane.requests,
      errors: lane.errors,
    });
    this.#retire(old);
  }

  #takeBack(lane: Lane, reason: string): void {
    this.#canary?.cancel();
    this.#canary = null;
    this.#parts.onEvent({
      kind: "rolled-back",
      generation: lane.generation.number,
      requests: lane.requests,
      errors: lane.errors,
      reason,
    });
    this.#retire(lane);
  }

  #retire(lane: Lane): void {
    const over = lane.retire().finally(() => this.#retiring.delete(lane));
    this.#retiring.set(lane, over);
    // close() hears of it; before that nobody waits.
    over.catch(() => {});
  }
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
