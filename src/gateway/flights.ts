/**
 * Single flight: while work for a key is under way, everybody who asks for that key shares it. The work
 * has a signal of its own, so a client that goes away cancels nothing for the others.
 */
export class Flights<F extends Flight<unknown>> {
  // A key stands here from the first join until its work, publishing included, has landed.
  readonly #underWay = new Map<string, F>();

  get size(): number {
    return this.#underWay.size;
  }

  /** The flight under way for `key`. */
  find(key: string): F | undefined {
    return this.#underWay.get(key);
  }

  /** The flight for `key`, started by the first who asks. */
  join(key: string, start: () => F): { readonly flight: F; readonly shared: boolean } {
    const already = this.#underWay.get(key);
    if (already) return { flight: already, shared: true };
    const flight = start();
    this.#underWay.set(key, flight);
    const forget = (): void => {
      this.#underWay.delete(key);
    };
    flight.landed.then(forget, forget);
    return { flight, shared: false };
  }

  /** Ends what is under way without a result; what has one is still published. */
  giveUp(reason: Error): void {
    for (const flight of this.#underWay.values()) flight.giveUp(reason);
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) {
      await Promise.allSettled([...this.#underWay.values()].map((flight) => flight.landed));
    }
  }
}

export interface Flight<T> {
  /** Settles as soon as the result can be served. */
  readonly result: Promise<T>;
  /** Settles, never with an error, once it is published too. */
  readonly landed: Promise<void>;
  /** Rejects the result with the reason, where it has not settled. */
  giveUp(reason: Error): void;
}

/** The promise, unless the signal aborts first: then the signal's reason. The promise itself goes on. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([aborted.promise, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
