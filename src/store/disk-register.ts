import { join } from "node:path";
import type { Disk } from "../ports/disk.ts";
import type { Register } from "../ports/register.ts";
import { ensureDirectory, isSafeKey, type DataFolder } from "./data-folder.ts";
import { stagedName } from "./leftovers.ts";
import { hasCode } from "./node-disk.ts";
import type { Owner } from "./owner.ts";
import { storeFailure } from "./store-failure.ts";

/** What a register on disk needs. */
export interface DiskRegisterParts {
  readonly disk: Disk;
  readonly folder: DataFolder;
  readonly owner: Owner;
  /** Unlike any other of this process and of any other. */
  readonly uniqueName: () => string;
}

// So many values stay below the latest. A number is free again only once the latest is further away than that.
const keptBefore = 3;
const fileName = "value";

/**
 * A register in the data folder, under a name such as `sumdb/sum.golang.org`. Each value has a directory of its own,
 * `@NUMBER`, and the one with the highest number counts. A new one is staged whole and renamed to the next number:
 * that fails where there is one already, so it needs no lock, and a crash leaves the old value.
 */
export class DiskRegister implements Register {
  readonly #parts: DiskRegisterParts;
  readonly #name: string;
  readonly #root: string;

  /** The name is a path of safe elements none of which begins with @; TypeError where it is not. */
  constructor(parts: DiskRegisterParts, name: string) {
    if (!isSafeKey(name) || /(?:^|\/)@/.test(name)) throw new TypeError(`${name} cannot name a register`);
    this.#parts = parts;
    this.#name = name;
    this.#root = join(parts.folder.root, name);
  }

  async load(): Promise<Buffer | null> {
    try {
      return (await this.#latest()).value;
    } catch (error) {
      throw storeFailure(`read ${this.#name}`, error);
    }
  }

  async swap(from: Uint8Array | null, to: Uint8Array): Promise<boolean> {
    try {
      const latest = await this.#latest();
      if (!isSame(latest.value, from)) return false;
      const own = latest.number + 1;
      if (!(await this.#place(own, to))) return false;
      const numbers = await this.#numbers();
      // Who slept until the others had passed it and removed what stood here has come too late.
      if (Math.max(...numbers) > own + keptBefore) return false;
      for (const number of numbers.filter((other) => other < own - keptBefore)) {
        await this.#remove(this.#directoryOf(number));
      }
      return true;
    } catch (error) {
      throw storeFailure(`write ${this.#name}`, error);
    }
  }

  async #latest(): Promise<{ readonly number: number; readonly value: Buffer | null }> {
    for (;;) {
      const number = Math.max(0, ...(await this.#numbers()));
      if (number === 0) return { number, value: null };
      try {
        return { number, value: await this.#parts.disk.readFile(join(this.#directoryOf(number), fileName)) };
      } catch (error) {
        // Gone is right for what others have passed, and for nothing else.
        const isPassed = Math.max(0, ...(await this.#numbers())) > number;
        if (!isPassed || !hasCode(error, ["ENOENT"])) throw error;
      }
    }
  }

  async #numbers(): Promise<number[]> {
    const entries = await this.#parts.disk.list(this.#root);
    return entries.flatMap(({ name, isDirectory }) =>
      isDirectory && /^@[0-9]{1,15}$/.test(name) ? [Number(name.slice(1))] : [],
    );
  }

  /** False where the number is taken. */
  async #place(number: number, value: Uint8Array): Promise<boolean> {
    const { disk, folder, owner, uniqueName } = this.#parts;
    const staged = join(folder.temporary, stagedName(owner, uniqueName()));
    const place = this.#directoryOf(number);
    for (const directory of [folder.temporary, this.#root]) await ensureDirectory(disk, directory);
    await disk.makeDirectory(staged);
    try {
      {
        await using file = await disk.create(join(staged, fileName));
        await file.write(value);
        await file.sync();
      }
      await disk.syncDirectory(staged);
      await disk.rename(staged, place);
    } catch (error) {
      await this.#remove(staged).catch(() => {});
      // Others may have moved on and removed it by now; not every system says it in these words.
      if (hasCode(error, ["ENOTEMPTY", "EEXIST"]) || (await disk.stat(place))) return false;
      throw error;
    }
    await disk.syncDirectory(this.#root);
    return true;
  }

  async #remove(directory: string): Promise<void> {
    await this.#parts.disk.remove(join(directory, fileName));
    await this.#parts.disk.removeDirectory(directory);
  }

  #directoryOf(number: number): string {
    return join(this.#root, `@${number}`);
  }
}

function isSame(value: Buffer | null, other: Uint8Array | null): boolean {
  return value === null || other === null ? value === other : value.equals(other);
}
