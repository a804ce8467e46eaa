import { viewOf, type ZipReads } from "./zip-reads.ts";
import { parseZipEntry } from "./zip-entries.ts";

const endLength = 22;
const locator64Length = 20;
const end64Length = 56;

/** Where the central directory of a zip lies. */
export interface ZipDirectory {
  readonly start: number;
  /** Where the end-of-central-directory record begins. */
  readonly end: number;
  /** How many entries it says that it has. */
  readonly records: number;
  /** What stands before the zip proper: added to every offset within it. */
  readonly base: number;
}

/**
 * Finds the central directory as `archive/zip` of Go does: the last end record of the last 65 KiB,
 * zip64 where it refers to one, bytes before the zip allowed. UPSTREAM_DAMAGED where there is none or
 * it points outside the file.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT sections 4.3.14 to 4.3.16
 */
export async function findZipDirectory(zip: ZipReads): Promise<ZipDirectory> {
  const { at, bytes } = await findEnd(zip);
  const view = viewOf(bytes);
  let records = view.getUint16(10, true);
  let length = view.getUint32(12, true);
  let offset = view.getUint32(16, true);
  let end = at;
  // 0xffff for the length is what Go looks for too, though the format has four bytes there.
  if (records === 0xffff || length === 0xffff || offset === 0xffffffff) {
    const at64 = await findEnd64(zip, at);
    if (at64 !== null) {
      const view64 = viewOf(await zip.exactly(at64, end64Length));
      if (view64.getUint32(0, true) !== 0x06064b50) throw zip.damaged("its zip64 end record is missing");
      records = Number(view64.getBigUint64(32, true));
      length = Number(view64.getBigUint64(40, true));
      offset = Number(view64.getBigUint64(48, true));
      end = at64;
    }
  }
  const start = end - length;
  if (start < 0) throw zip.damaged("its central directory lies outside the file");
  const base = start - offset;
  // Go believes the offset of the end record where an entry is there, whatever the length says.
  if (base > 0 && (await hasEntryAt(zip, offset))) return { start: offset, end, records, base: 0 };
  if (records === 0 && base > 0) throw zip.damaged(`it has no entries in ${zip.size} bytes`);
  return { start, end, records, base };
}

async function findEnd(zip: ZipReads): Promise<{ at: number; bytes: Uint8Array }> {
  for (const wanted of [1024, 65 * 1024]) {
    const length = Math.min(wanted, zip.size);
    const block = await zip.exactly(zip.size - length, length);
    const found = lastEndIn(block);
    if (found === "cut comment") throw zip.damaged("the comment at its end is cut off");
    if (found !== null) return { at: zip.size - length + found, bytes: block.subarray(found) };
    if (length === zip.size) break;
  }
  throw zip.damaged(`it has no end-of-central-directory record; its ${zip.size} bytes are cut off or no zip`);
}

function lastEndIn(block: Uint8Array): number | "cut comment" | null {
  const view = viewOf(block);
  for (let at = block.length - endLength; at >= 0; at--) {
    if (block[at] !== 0x50 || view.getUint32(at, true) !== 0x06054b50) continue;
    return at + endLength + view.getUint16(at + 20, true) > block.length ? "cut comment" : at;
  }
  return null;
}

async function findEnd64(zip: ZipReads, endAt: number): Promise<number | null> {
  if (endAt < locator64Length) return null;
  const view = viewOf(await zip.exactly(endAt - locator64Length, locator64Length));
  const isLocator = view.getUint32(0, true) === 0x07064b50;
  const isOneDisk = view.getUint32(4, true) === 0 && view.getUint32(16, true) === 1;
  return isLocator && isOneDisk ? Number(view.getBigUint64(8, true)) : null;
}

async function hasEntryAt(zip: ZipReads, position: number): Promise<boolean> {
  const length = Math.min(46 + 3 * 0xffff, zip.size - position);
  return typeof parseZipEntry(viewOf(await zip.exactly(position, length)), 0) === "object";
}
