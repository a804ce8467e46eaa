import { hash as hashOf, createHash } from "node:crypto";
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import { h1Of } from "../gomod/go-mod-hash.ts";
import { findZipDirectory } from "../gomod/zip-end.ts";
import { readZipEntries, type ZipEntry } from "../gomod/zip-entries.ts";
import { viewOf, ZipReads, type ZipSource } from "../gomod/zip-reads.ts";

const localHeaderLength = 30;
const pieceBytes = 256 * 1024;
// Up to here a file is unpacked in one call, which costs half of a stream.
const atOnceBytes = 4 * 1024 * 1024;

/**
 * The h1 of a zip: every file read, unpacked, and checked against the length and the CRC that the directory gives.
 * Memory grows with the names, and with one file of at most 8 MiB. UPSTREAM_DAMAGED where it is no zip or a file in
 * it cannot be unpacked. https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#HashZip
 */
export async function hashZip(source: ZipSource, label: string): Promise<string> {
  const zip = new ZipReads(source, label);
  const directory = await findZipDirectory(zip);
  const files: { name: string; sha256: string }[] = [];
  for await (const entries of readZipEntries(zip, directory)) {
    for (const entry of entries) {
      const { name } = entry;
      if (name === null) throw zip.damaged("it has a file name that is not UTF-8");
      if (name.includes("\n")) throw zip.damaged("it has a file name with a line break, which has no h1");
      files.push({ name, sha256: await hashEntry(zip, directory.base, entry) });
    }
  }
  return h1Of(files);
}

async function hashEntry(zip: ZipReads, base: number, entry: ZipEntry): Promise<string> {
  const { method, compressedBytes, uncompressedBytes } = entry;
  const position = base + entry.offset;
  const header = viewOf(await zip.exactly(position, localHeaderLength));
  if (header.getUint32(0, true) !== 0x04034b50) throw zip.damaged(`there is no file at byte ${position}`);
  const start = position + localHeaderLength + header.getUint16(26, true) + header.getUint16(28, true);
  if (method === 0 && compressedBytes !== uncompressedBytes) throw broken(zip, entry, "its two sizes differ");
  if (method !== 0 && method !== 8) throw broken(zip, entry, `it has unsupported compression ${method}`);
  if (compressedBytes <= atOnceBytes && uncompressedBytes <= atOnceBytes) {
    const packed = await zip.exactly(start, compressedBytes);
    const content = method === 0 ? packed : inflate(zip, entry, packed);
    check(zip, entry, { bytes: content.length, crc: crc32(content) });
    return hashOf("sha256", content, "hex");
  }
  return hashLarge(zip, entry, start);
}

function inflate(zip: ZipReads, entry: ZipEntry, packed: Uint8Array): Uint8Array {
  try {
    // One byte more than it should be shows that there is more.
    return inflateRawSync(packed, { maxOutputLength: entry.uncompressedBytes + 1 });
  } catch (error) {
    throw broken(zip, entry, error instanceof Error ? error.message : String(error));
  }
}

async function hashLarge(zip: ZipReads, entry: ZipEntry, start: number): Promise<string> {
  const sha256 = createHash("sha256");
  let bytes = 0;
  let crc = 0;
  const packed = pieces(zip, start, entry.compressedBytes);
  try {
    for await (const piece of entry.method === 0 ? packed : inflated(packed)) {
      bytes += piece.length;
      if (bytes > entry.uncompressedBytes) break;
      crc = crc32(piece, crc);
      sha256.update(piece);
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("Z_")) {
      throw broken(zip, entry, error.message);
    }
    throw error;
  }
  check(zip, entry, { bytes, crc });
  return sha256.digest("hex");
}

async function* pieces(zip: ZipReads, start: number, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += pieceBytes) yield zip.exactly(start + at, Math.min(pieceBytes, length - at));
}

async function* inflated(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createInflateRaw({ chunkSize: pieceBytes });
  const feeding = (async () => {
    for await (const piece of packed) {
      if (!stream.write(piece)) await new Promise((resolve) => stream.once("drain", resolve));
    }
    stream.end();
  })();
  feeding.catch((error: unknown) => void stream.destroy(error instanceof Error ? error : new Error(String(error))));
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } finally {
    stream.destroy();
  }
}

function check(zip: ZipReads, entry: ZipEntry, got: { readonly bytes: number; readonly crc: number }): void {
  if (got.bytes !== entry.uncompressedBytes) {
    throw broken(zip, entry, `it has not the ${entry.uncompressedBytes} bytes that the directory says`);
  }
  // Go takes a CRC of 0 for one that was never set.
  if (entry.crc32 !== 0 && got.crc !== entry.crc32) throw broken(zip, entry, "its content has another CRC-32");
}

function broken(zip: ZipReads, entry: ZipEntry, reason: string): Error {
  const name = JSON.stringify((entry.name ?? "").slice(-120));
  return zip.damaged(`the file ${name} cannot be unpacked: ${reason}`);
}
