import { viewOf, type ZipReads } from "./zip-reads.ts";
import type { ZipDirectory } from "./zip-end.ts";

const headerLength = 46;
// A whole entry fits into each slice, however long its name and comment.
const sliceBytes = headerLength + 3 * 0xffff;

/** One file or directory of a zip, as its central directory says. */
export interface ZipEntry {
  /** Null where it is not UTF-8. */
  readonly name: string | null;
  readonly method: number;
  /** Of the content; 0 also where nobody has computed it. */
  readonly crc32: number;
  /** True where another CRC stands behind the content. */
  readonly hasDescriptor: boolean;
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
  /** Of its local header, from the start of the zip proper. */
  readonly offset: number;
  /** Bytes that it takes in the central directory. */
  readonly length: number;
}

/** Entries of the central directory in its order, some thousand at a time, so that memory stays flat. */
export async function* readZipEntries(zip: ZipReads, directory: ZipDirectory): AsyncIterable<readonly ZipEntry[]> {
  let position = directory.start;
  let count = 0;
  let why: EntryFault = "no entry";
  while (position < directory.end) {
    const slice = await zip.exactly(position, Math.min(sliceBytes, directory.end - position));
    const view = viewOf(slice);
    const entries: ZipEntry[] = [];
    let at = 0;
    while (at < slice.length) {
      const entry = parseZipEntry(view, at);
      if (typeof entry === "string") {
        why = entry;
        break;
      }
      entries.push(entry);
      at += entry.length;
    }
    if (entries.length === 0) break;
    count += entries.length;
    yield entries;
    position += at;
  }
  // The end record holds 16 bits of the count; Go compares no more of it.
  if (count % 0x10000 !== directory.records % 0x10000) {
    throw zip.damaged(`its central directory has ${count} of ${directory.records} entries (${why} after them)`);
  }
}

type EntryFault = "no entry" | "half an entry" | "a broken zip64 field";

/** The entry of a central directory at `at`; else what is there instead. */
export function parseZipEntry(view: DataView, at: number): ZipEntry | EntryFault {
  if (at + headerLength > view.byteLength) return "half an entry";
  if (view.getUint32(at, true) !== 0x02014b50) return "no entry";
  const nameEnd = at + headerLength + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const end = extraEnd + view.getUint16(at + 32, true);
  if (end > view.byteLength) return "half an entry";
  const entry = {
    name: decodeName(new Uint8Array(view.buffer, view.byteOffset + at + headerLength, nameEnd - at - headerLength)),
    method: view.getUint16(at + 10, true),
    crc32: view.getUint32(at + 16, true),
    hasDescriptor: (view.getUint16(at + 8, true) & 0x8) !== 0,
    uncompressedBytes: view.getUint32(at + 24, true),
    compressedBytes: view.getUint32(at + 20, true),
    offset: view.getUint32(at + 42, true),
    length: end - at,
  };
  const extra = new DataView(view.buffer, view.byteOffset + nameEnd, extraEnd - nameEnd);
  return widen(entry, extra) ? entry : "a broken zip64 field";
}

// The zip64 field holds, in this order, those values alone whose 32 bits are all ones.
const widenable = ["uncompressedBytes", "compressedBytes", "offset"] as const;

function widen(sizes: Record<(typeof widenable)[number], number>, extra: DataView): boolean {
  if (Math.max(sizes.uncompressedBytes, sizes.compressedBytes, sizes.offset) < 0xffffffff) return true;
  const missing = new Set(widenable.filter((name) => sizes[name] === 0xffffffff));
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const end = at + 4 + extra.getUint16(at + 2, true);
    if (end > extra.byteLength) break;
    if (extra.getUint16(at, true) === 1) {
      let valueAt = at + 4;
      for (const name of missing) {
        if (valueAt + 8 > end) return false;
        sizes[name] = Number(extra.getBigUint64(valueAt, true));
        missing.delete(name);
        valueAt += 8;
      }
    }
    at = end;
  }
  // Without the field an uncompressed size of 2³²-1 is plain; the other two are not believable.
  return !missing.has("compressedBytes") && !missing.has("offset");
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeName(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
