import { editFile, type EditParts } from "./edit-file.ts";
import { nameIn, nameOf, namesIn, type PinnedVersion } from "./pins.ts";

/** What pinning or unpinning did. */
export interface PinChange {
  readonly changed: readonly PinnedVersion[];
  /** Those that were as asked already. */
  readonly unchanged: readonly PinnedVersion[];
  /** Pinned versions afterwards. */
  readonly total: number;
}

/** Adds versions to the pins; other lines stay as they are. STORE_FAILED where the file can't be written. */
export async function pinVersions(
  parts: EditParts,
  entries: readonly PinnedVersion[],
  signal: AbortSignal,
): Promise<PinChange> {
  return changePins(parts, signal, (lines, names) => {
    const [unchanged, changed] = split(entries, (entry) => names.has(nameOf(entry)));
    return { changed, unchanged, lines: [...lines, ...new Set(changed.map(nameOf))] };
  });
}

/** Takes versions off the pins; other lines stay as they are. STORE_FAILED where the file can't be written. */
export async function unpinVersions(
  parts: EditParts,
  entries: readonly PinnedVersion[],
  signal: AbortSignal,
): Promise<PinChange> {
  return changePins(parts, signal, (lines, names) => {
    const [changed, unchanged] = split(entries, (entry) => names.has(nameOf(entry)));
    const gone = new Set(changed.map(nameOf));
    return { changed, unchanged, lines: lines.filter((line) => !gone.has(nameIn(line) ?? "")) };
  });
}

interface Edit {
  readonly changed: readonly PinnedVersion[];
  readonly unchanged: readonly PinnedVersion[];
  readonly lines: readonly string[];
}

function split(
  entries: readonly PinnedVersion[],
  belongsToFirst: (entry: PinnedVersion) => boolean,
): [PinnedVersion[], PinnedVersion[]] {
  return [entries.filter((entry) => belongsToFirst(entry)), entries.filter((entry) => !belongsToFirst(entry))];
}

async function changePins(
  parts: EditParts,
  signal: AbortSignal,
  edit: (lines: readonly string[], names: ReadonlySet<string>) => Edit,
): Promise<PinChange> {
  return editFile(parts, { path: parts.folder.pins, name: "the pins", signal }, (before) => {
    const { lines, changed, unchanged } = edit(
      before.split("\n").filter((line) => line !== ""),
      namesIn(before),
    );
    const text = lines.map((line) => `${line}\n`).join("");
    return { text, result: { changed, unchanged, total: namesIn(text).size } };
  });
}
