import { parseInfo } from "../gomod/info.ts";
import { Problem } from "../kernel/problem.ts";
import type { ImportFault, ImportJudge } from "../ports/import-judge.ts";
import type { StagedFile } from "../ports/store.ts";
import { placeOf, type CachePlace } from "./cache-layout.ts";
import type { CacheCommand } from "./cache-listing.ts";
import type { FileStore } from "./file-store.ts";
import { readTar, type TarEntry } from "./read-tar.ts";
import { nameInTar } from "./sums-in-tar.ts";

export interface ImportReport {
  /** Files that are new here. */
  readonly imported: number;
  readonly bytes: number;
  /** Files that were here already. */
  readonly present: number;
  /** Entries that are no files of the layout, not what their name says, or not proved; none of them was taken in. */
  readonly refused: readonly ({ readonly name: string } & ImportFault)[];
}

const maxInfoBytes = 1024 * 1024;
// A zip ends in a record that starts so. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3.16
const zipEnd = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
const maxZipEndBytes = 22 + 65_535;

/**
 * Takes the files of a tar made by exportTar(), or of any tar of a module cache's download folder, into the
 * store: each becomes visible only when it is whole, and where a judge is given, proved. A version's file that is here already stays; a list or
 * other changing answer is replaced by a younger one. UPSTREAM_DAMAGED where the tar breaks off or is none,
 * with the whole files before that kept; STORE_FAILED where the disk fails.
 */
export async function importTar(
  store: FileStore,
  chunks: AsyncIterable<Uint8Array>,
  command: CacheCommand & { readonly judge: ImportJudge | null },
): Promise<ImportReport> {
  const { judge, signal } = command;
  const refused: ({ name: string } & ImportFault)[] = [];
  const counts = { imported: 0, bytes: 0, present: 0 };
  for await (const entry of readTar(chunks)) {
    signal.throwIfAborted();
    const name = nameInTar(entry.name);
    if (entry.type === "5" || name === "" || name === ".") continue;
    const place = entry.type === "0" ? placeOf(name) : null;
    if (!place) {
      const reason = entry.type === "0" ? "no place in the layout of a module cache" : "no regular file";
      refused.push({ name, reason, isMismatch: false });
      continue;
    }
    const outcome = await outcomeOf(store, { name, place, entry }, { judge, signal });
    if (typeof outcome === "string") counts[outcome]++;
    else refused.push({ name, ...outcome });
    counts.bytes += entry.size;
    const files = counts.imported + counts.present;
    command.onProgress?.({ files, bytes: counts.bytes, totalFiles: null, totalBytes: null });
  }
  return { ...counts, refused };
}

async function outcomeOf(
  store: FileStore,
  { name, place, entry }: { readonly name: string; readonly place: CachePlace; readonly entry: TarEntry },
  { judge, signal }: { readonly judge: ImportJudge | null; readonly signal: AbortSignal },
): Promise<"imported" | "present" | ImportFault> {
  if (judge !== null && place.kind === "sumdb") return judge.sum(name);
  const here = await store.lookAt(name);
  if (here && (place.version !== null || here.storedAtMs >= entry.modifiedAtMs)) return "present";
  await using staged = await store.stage(name);
  for await (const piece of entry.content) await staged.write(piece);
  const reason = await faultOf(staged, place);
  if (reason !== null) return { reason, isMismatch: false };
  const fault = place.version === null ? null : await judge?.faultOf(name, staged, signal);
  if (fault) return fault;
  await staged.commit();
  if (place.version !== null) store.recordSeen(place.module, place.version);
  return "imported";
}

async function faultOf(staged: StagedFile, place: CachePlace): Promise<string | null> {
  if (staged.size === 0 && place.kind !== "list" && place.kind !== "sumdb") return "empty";
  if (place.kind === "zip") {
    const start = Math.max(0, staged.size - maxZipEndBytes);
    const end = Buffer.from(await staged.read(start, maxZipEndBytes));
    return end.includes(zipEnd) ? null : "no zip: it has no end record";
  }
  if (place.kind !== "info" && place.kind !== "query" && place.kind !== "latest") return null;
  if (staged.size > maxInfoBytes) return "larger than any .info";
  try {
    parseInfo(await staged.read(0, staged.size), place.version);
    return null;
  } catch (error) {
    if (error instanceof Problem && error.code === "UPSTREAM_DAMAGED") return error.message;
    throw error;
  }
}
