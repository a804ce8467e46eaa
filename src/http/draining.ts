import type { Clock } from "../kernel/clock.ts";
import type { Listening } from "./listen.ts";

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

  /** Takes no new connections, waits up to `limitMs` for what is under way, then cuts what is left. Gives how many were cut. */
  async drain(listeners: readonly Listening[], clock: Clock, limitMs: number): Promise<number> {
    this.#isDraining = true;
    for (const { server, lane } of listeners) {
      server.close();
      server.closeIdleConnections();
      lane.closeIdleConnections();
    }
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(limitMs, resolve);
        this.#onEmpty = () => {
          cancel();
          resolve();
        };
      });
    }
    const cut = this.#inFlight;
    for (const { server, lane } of listeners) {
      server.closeAllConnections();
      if (cut > 0) lane.closeAllConnections();
      else lane.closeIdleConnections();
    }
    return cut;
  }
}
