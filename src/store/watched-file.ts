import type { Clock } from "../kernel/clock.ts";
import type { Disk } from "../ports/disk.ts";
import { hasCode } from "./node-disk.ts";
import { storeFailure } from "./store-failure.ts";

interface WatchedFileParts<T> {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly path: string;
  /** How it is called in messages, such as `the pins`. */
  readonly name: string;
  /** How long a look at the disk holds, in milliseconds. */
  readonly lookMs: number;
  /** Makes the value from the file's text, "" where there is no file. May throw a Problem. */
  readonly read: (text: string) => T;
}

/** What a small file says, read anew when it changes: for files that another process may write at any time. */
export class WatchedFile<T> {
  readonly #parts: WatchedFileParts<T>;
  #value: T;
  #seen = "";
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: WatchedFileParts<T>) {
    this.#parts = parts;
    this.#value = parts.read("");
  }

  /** As of the last refresh(). */
  get value(): T {
    return this.#value;
  }

  /** True where refresh() would look at the disk. */
  get isDue(): boolean {
    return this.#parts.clock.monotonic() >= this.#lookedAt + this.#parts.lookMs;
  }

  /** Reads the file where it has changed; STORE_FAILED where it can't be read, and then tries again at the next call. */
  async refresh(): Promise<T> {
    if (!this.isDue) return this.#value;
    const { clock, disk, path, name, read } = this.#parts;
    const now = clock.monotonic();
    try {
      const stat = await disk.stat(path);
      const seen = stat ? `${stat.inode} ${stat.size} ${stat.modifiedAtMs}` : "";
      if (seen !== this.#seen) {
        this.#value = read(stat ? await readText(disk, path) : "");
        this.#seen = seen;
      }
      this.#lookedAt = now;
      return this.#value;
    } catch (error) {
      throw storeFailure(`read ${name}`, error);
    }
  }
}

/** The text of a file, empty where there is none; throws what the disk throws. */
export async function readText(disk: Disk, path: string): Promise<string> {
  try {
    return (await disk.readFile(path)).toString();
  } catch (error) {
    if (hasCode(error, ["ENOENT"])) return "";
    throw error;
  }
}
