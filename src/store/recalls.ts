import type { Clock } from "../kernel/clock.ts";
import type { Disk } from "../ports/disk.ts";
import type { Recall, RecallBook } from "../ports/recall-book.ts";
import type { DataFolder } from "./data-folder.ts";
import { editFile, type EditParts } from "./edit-file.ts";
import { WatchedFile } from "./watched-file.ts";

/** How long it takes at most until every process of a gateway knows of a recall, in milliseconds. */
export const recallLookMs = 100;

/** The recalls of a data folder, as the file `recalls` names them: one JSON object a line. */
export class Recalls implements RecallBook {
  readonly #file: WatchedFile<ReadonlyMap<string, readonly Recall[]>>;

  constructor({ disk, clock, folder }: { readonly disk: Disk; readonly clock: Clock; readonly folder: DataFolder }) {
    const read = (text: string): ReadonlyMap<string, readonly Recall[]> =>
      Map.groupBy(recallsIn(text, folder.recalls), ({ module }) => module);
    this.#file = new WatchedFile({
      disk,
      clock,
      path: folder.recalls,
      name: "the recalls",
      lookMs: recallLookMs,
      read,
    });
  }

  mayConcern(module: string): boolean {
    return this.#file.isDue || this.#file.value.has(module);
  }

  async of(module: string): Promise<readonly Recall[]> {
    return (await this.#file.refresh()).get(module) ?? [];
  }

  async all(): Promise<readonly Recall[]> {
    return [...(await this.#file.refresh()).values()].flat();
  }
}

/** Adds a recall; false where that version, or its whole module, is recalled already. STORE_FAILED. */
export async function recallVersion(parts: EditParts, recall: Recall, signal: AbortSignal): Promise<boolean> {
  return changeRecalls(parts, signal, (recalls) => {
    if (recalls.some((one) => covers(one, recall))) return { kept: recalls, result: false };
    return { kept: [...recalls, recall], result: true };
  });
}

/** Takes recalls of exactly that version, or of the module as a whole, back; how many there were. STORE_FAILED. */
export async function takeRecallBack(
  parts: EditParts,
  { module, version }: Pick<Recall, "module" | "version">,
  signal: AbortSignal,
): Promise<number> {
  return changeRecalls(parts, signal, (recalls) => {
    const kept = recalls.filter((one) => one.module !== module || one.version !== version);
    return { kept, result: recalls.length - kept.length };
  });
}

function covers(one: Recall, other: Recall): boolean {
  return one.module === other.module && (one.version === null || one.version === other.version);
}

function changeRecalls<T>(
  parts: EditParts,
  signal: AbortSignal,
  change: (recalls: readonly Recall[]) => { readonly kept: readonly Recall[]; readonly result: T },
): Promise<T> {
  const path = parts.folder.recalls;
  return editFile(parts, { path, name: "the recalls", signal }, (before) => {
    const { kept, result } = change(recallsIn(before, path));
    return { text: kept.map((one) => `${JSON.stringify(one)}\n`).join(""), result };
  });
}

function recallsIn(text: string, path: string): Recall[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const recall = recallIn(line);
    if (recall !== null) return [recall];
    throw new Error(`line ${index + 1} of ${path} is no recall; want {"module":…,"version":…,"reason":…,"at":…}`);
  });
}

function recallIn(line: string): Recall | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { module, version, reason, at } = value as Record<string, unknown>;
  const isWhole =
    typeof module === "string" &&
    (version === null || typeof version === "string") &&
    typeof reason === "string" &&
    typeof at === "string";
  return isWhole ? { module, version, reason, at } : null;
}
