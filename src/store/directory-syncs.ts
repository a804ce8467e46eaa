import type { Disk } from "../ports/disk.ts";

/**
 * Makes renames durable with as few directory syncs as possible: those who ask while one runs share the
 * next one, which starts after all of their renames.
 */
export class DirectorySyncs {
  readonly #disk: Disk;
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Resolves when every rename made in the directory before this call is durable. */
  sync(path: string): Promise<void> {
    const running = this.#running.get(path);
    if (!running) return this.#start(path);
    const known = this.#next.get(path);
    if (known) return known;
    const next = running
      .catch(() => {})
      .then(() => {
        this.#next.delete(path);
        return this.#start(path);
      });
    this.#next.set(path, next);
    return next;
  }

  #start(path: string): Promise<void> {
    const done = this.#disk.syncDirectory(path).finally(() => this.#running.delete(path));
    this.#running.set(path, done);
    return done;
  }
}
