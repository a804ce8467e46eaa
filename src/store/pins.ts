import type { Clock } from "../kernel/clock.ts";
import type { Disk } from "../ports/disk.ts";
import type { DataFolder } from "./data-folder.ts";
import { WatchedFile } from "./watched-file.ts";

/** A version as pins name it. */
export interface PinnedVersion {
  readonly module: string;
  readonly version: string;
}

const lookMs = 1_000;

/** The versions that are never evicted, as the file `pins` names them; read anew when it changes. */
export class Pins {
  readonly #file: WatchedFile<ReadonlySet<string>>;

  constructor({ disk, clock, folder }: { readonly disk: Disk; readonly clock: Clock; readonly folder: DataFolder }) {
    this.#file = new WatchedFile({ disk, clock, path: folder.pins, name: "the pins", lookMs, read: namesIn });
  }

  /** As of the last refresh(). */
  has(module: string, version: string): boolean {
    return this.#file.value.has(`${module} ${version}`);
  }

  get size(): number {
    return this.#file.value.size;
  }

  /** Reads the file where it has changed, looking at most once a second. STORE_FAILED where it can't be read. */
  async refresh(): Promise<void> {
    await this.#file.refresh();
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
