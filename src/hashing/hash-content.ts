import { createHash, hash } from "node:crypto";
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import type { ZipEntry } from "../gomod/zip-entries.ts";
import { viewOf, type ZipReads } from "../gomod/zip-reads.ts";

// Content up to this size is unpacked with one call, which takes a tenth of the time of a stream.
const wholeBytes = 4 * 1024 * 1024;
const pieceBytes = 256 * 1024;
const deflated = 8;

/** What hashing of content asks now and then: throws when nobody wants the answer any more. */
export type Checkpoint = () => void;

interface Content {
  readonly sha256: string;
  readonly crc32: number;
  readonly bytes: number;
}

/**
 * The SHA-256 of the content of an entry that begins at `start`, in hexadecimal. UPSTREAM_DAMAGED where it cannot be
 * unpacked, or is not of the size and CRC that the zip says: what `archive/zip` of Go refuses. Memory is bounded
 * whatever the size.
 */
export async function hashContent(
  zip: ZipReads,
  { entry, start }: { readonly entry: ZipEntry; readonly start: number },
  checkpoint: Checkpoint,
): Promise<string> {
  const name = JSON.stringify(entry.name);
  if (entry.method !== 0 && entry.method !== deflated) {
    throw zip.damaged(`${name} has unsupported compression ${entry.method}`);
  }
  let content: Content;
  if (Math.max(entry.compressedBytes, entry.uncompressedBytes) <= wholeBytes) {
    const stored = await zip.exactly(start, entry.compressedBytes);
    content = contentOf(entry.method === deflated ? unpack(zip, entry, stored) : stored);
  } else {
    const stored = piecesOf(zip, { start, length: entry.compressedBytes }, checkpoint);
    content = await contentOfPieces(zip, entry, entry.method === deflated ? inflated(zip, name, stored) : stored);
  }
  if (content.bytes !== entry.uncompressedBytes) {
    throw zip.damaged(`the content of ${name} is not of the ${entry.uncompressedBytes} bytes that it says`);
  }
  await checkSum(zip, { entry, start }, content.crc32);
  return content.sha256;
}

function unpack(zip: ZipReads, entry: ZipEntry, stored: Uint8Array): Uint8Array {
  // One byte more than it says, so that content that is larger shows.
  const room = entry.uncompressedBytes + 1;
  try {
    return inflateRawSync(stored, { maxOutputLength: room, chunkSize: Math.max(64, room) });
  } catch (cause) {
    throw notUnpacked(zip, JSON.stringify(entry.name), cause);
  }
}

function contentOf(bytes: Uint8Array): Content {
  return { sha256: hash("sha256", bytes, "hex"), crc32: crc32(bytes), bytes: bytes.length };
}

async function contentOfPieces(zip: ZipReads, entry: ZipEntry, pieces: AsyncIterable<Uint8Array>): Promise<Content> {
  const sha256 = createHash("sha256");
  let sum = 0;
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > entry.uncompressedBytes) throw zip.damaged(`the content of ${JSON.stringify(entry.name)} is too large`);
    sha256.update(piece);
    sum = crc32(piece, sum);
  }
  return { sha256: sha256.digest("hex"), crc32: sum, bytes };
}

async function* piecesOf(
  zip: ZipReads,
  { start, length }: { readonly start: number; readonly length: number },
  checkpoint: Checkpoint,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length; done += pieceBytes) {
    checkpoint();
    yield await zip.exactly(start + done, Math.min(pieceBytes, length - done));
  }
}

async function* inflated(zip: ZipReads, name: string, stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: pieceBytes });
  const closed = new Promise<void>((resolve) => inflate.once("close", resolve));
  const feed = async (): Promise<void> => {
    for await (const piece of stored) {
      // What stands behind the end of the stream is nobody's, as in Go.
      if (inflate.readableEnded || inflate.destroyed) return;
      if (inflate.write(piece)) continue;
      await Promise.race([new Promise((resolve) => inflate.once("drain", resolve)), closed]);
    }
    inflate.end();
  };
  let unfed: unknown = null;
  const fed = feed().catch((error: unknown) => {
    unfed = error;
    inflate.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const piece of inflate) yield piece as Uint8Array;
  } catch (cause) {
    throw unfed ?? notUnpacked(zip, name, cause);
  } finally {
    inflate.destroy();
    await fed;
  }
}

/** Compares with the CRC of the central directory, which must be that of the descriptor where there is one. */
async function checkSum(
  zip: ZipReads,
  { entry, start }: { readonly entry: ZipEntry; readonly start: number },
  sum: number,
): Promise<void> {
  const name = JSON.stringify(entry.name);
  if (entry.hasDescriptor) {
    const behind = viewOf(await zip.exactly(start + entry.compressedBytes, 12));
    const isSigned = behind.getUint32(0, true) === 0x08074b50;
    if (behind.getUint32(isSigned ? 4 : 0, true) !== entry.crc32) {
      throw zip.damaged(`the CRC behind the content of ${name} is another than that of its directory`);
    }
  } else if (entry.crc32 === 0) return; // Go takes it for one that nobody has computed.
  if (sum !== entry.crc32) throw zip.damaged(`the content of ${name} does not have the CRC that it says`);
}

function notUnpacked(zip: ZipReads, name: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return zip.damaged(`the content of ${name} cannot be unpacked: ${reason}`);
}
