import type { Clock } from "../kernel/clock.ts";
import type { Disk } from "../ports/disk.ts";
import type { DataFolder } from "./data-folder.ts";
import { hasCode } from "./node-disk.ts";
import { storeFailure } from "./store-failure.ts";

/** A version as pins name it. */
export interface PinnedVersion {
  readonly module: string;
  readonly version: string;
}

const lookMs = 1_000;

/** The versions that are never evicted, as the file `pins` names them; read anew when it changes. */
export class Pins {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #clock: Clock;
  #names: ReadonlySet<string> = new Set();
  #seen = "";
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: { readonly disk: Disk; readonly clock: Clock; readonly folder: DataFolder }) {
    this.#disk = parts.disk;
    this.#clock = parts.clock;
    this.#path = parts.folder.pins;
  }

  /** As of the last refresh(). */
  has(module: string, version: string): boolean {
    return this.#names.has(`${module} ${version}`);
  }

  get size(): number {
    return this.#names.size;
  }

  /** Reads the file where it has changed, looking at most once a second. STORE_FAILED where it can't be read. */
  async refresh(): Promise<void> {
    const now = this.#clock.monotonic();
    if (now < this.#lookedAt + lookMs) return;
    this.#lookedAt = now;
    try {
      const stat = await this.#disk.stat(this.#path);
      const seen = stat ? `${stat.inode} ${stat.size} ${stat.modifiedAtMs}` : "";
      if (seen === this.#seen) return;
      this.#names = stat ? namesIn(await readPins(this.#disk, this.#path)) : new Set();
      this.#seen = seen;
    } catch (error) {
      throw storeFailure("read the pins", error);
    }
  }
}

/** The text of the pins file, empty where there is none; throws what the disk throws. */
export async function readPins(disk: Disk, path: string): Promise<string> {
  try {
    return (await disk.readFile(path)).toString();
  } catch (error) {
    if (hasCode(error, ["ENOENT"])) return "";
    throw error;
  }
}

/** `module version` of each line that names a version. */
export function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.split("\n").flatMap((line) => nameIn(line) ?? []));
}

/** `module version` of a line, null where it is anything else, such as a comment. */
export function nameIn(line: string): string | null {
  const [module, version, ...rest] = line.trim().split(/\s+/);
  if (!module || !version || rest.length > 0 || module.startsWith("#")) return null;
  return `${module} ${version}`;
}

/** The line of a version. */
export function nameOf(entry: PinnedVersion): string {
  return `${entry.module} ${entry.version}`;
}
