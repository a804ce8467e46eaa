/** Joins those who want the same thing at the same time to one run of it. */
export class SharedRuns<T> {
  readonly #runs = new Map<
    string,
    { readonly result: Promise<T>; readonly controller: AbortController; waiting: number }
  >();

  /**
   * What `start` gives, started unless it is under way. A signal takes its own caller away, with its reason;
   * the run is aborted when nobody is left.
   */
  async join(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const run = this.#runs.get(key) ?? this.#start(key, start);
    run.waiting++;
    const left = Promise.withResolvers<never>();
    const leave = (): void => left.reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([run.result, left.promise]);
    } finally {
      signal.removeEventListener("abort", leave);
      run.waiting--;
      if (run.waiting === 0) {
        if (this.#runs.get(key) === run) this.#runs.delete(key);
        run.controller.abort(new Error("nobody waits for it any more"));
      }
    }
  }

  /** Ends all runs; those who wait get their rejection. */
  abortAll(reason: Error): void {
    for (const run of this.#runs.values()) run.controller.abort(reason);
  }

  #start(key: string, start: (signal: AbortSignal) => Promise<T>) {
    const controller = new AbortController();
    const result = start(controller.signal);
    // Everybody may have left before it fails.
    result.catch(() => {});
    const run = { result, controller, waiting: 0 };
    this.#runs.set(key, run);
    const forget = (): void => {
      if (this.#runs.get(key) === run) this.#runs.delete(key);
    };
    result.then(forget, forget);
    return run;
  }
}
