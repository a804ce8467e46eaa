import type { Clock } from "../kernel/clock.ts";
import type { Listening } from "./listen.ts";

/** What was still under way when the drain time was over. */
export interface Drained {
  readonly givenUp: number;
  readonly cut: number;
}

// A refusal is a few hundred bytes: who does not take them in this time does not read.
const refusalMs = 1000;

/** Counts requests under way, and ends a server without cutting them off. */
export class Draining {
  #inFlight = 0;
  #isDraining = false;
  #onEmpty: (() => void) | null = null;

  get inFlight(): number {
    return this.#inFlight;
  }

  /** True from the first moment of a shutdown: /readyz then says no, and connections close after their answer. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  enter(): void {
    this.#inFlight++;
  }

  leave(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#onEmpty?.();
  }

  /**
   * Takes no new connections and waits up to `limitMs` for what is under way. Then `giveUp` is called, so that who
   * still waits for an upstream is told so, and what has not ended within another second is cut. Gives how many
   * were given up, and how many of them were cut.
   */
  async drain(
    listeners: readonly Listening[],
    clock: Clock,
    { limitMs, giveUp }: { readonly limitMs: number; readonly giveUp: () => void },
  ): Promise<Drained> {
    this.#isDraining = true;
    for (const { server, lane, stopAccepting } of listeners) {
      stopAccepting();
      server.closeIdleConnections();
      lane.closeIdleConnections();
    }
    await this.#emptyWithin(limitMs, clock);
    const givenUp = this.#inFlight;
    if (givenUp > 0) {
      giveUp();
      await this.#emptyWithin(refusalMs, clock);
    }
    const cut = this.#inFlight;
    for (const { server, lane } of listeners) {
      server.closeAllConnections();
      if (cut > 0) lane.closeAllConnections();
      else lane.closeIdleConnections();
    }
    return { givenUp, cut };
  }

  async #emptyWithin(limitMs: number, clock: Clock): Promise<void> {
    if (this.#inFlight === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(limitMs, resolve);
      this.#onEmpty = () => {
        cancel();
        resolve();
      };
    });
  }
}
