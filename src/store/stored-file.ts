import { createHash } from "node:crypto";
import type { ByteRange, FileKey, StoredFile } from "../ports/store.ts";
import type { Descriptor } from "./descriptors.ts";

/** Up to this size a file is staged in memory and its entity tag is made of its content. */
export const smallFileBytes = 64 * 1024;

/** A file whose whole content is in memory. */
export function fileInMemory(key: FileKey, bytes: Buffer, storedAtMs: number): StoredFile {
  return {
    key,
    size: bytes.length,
    storedAtMs,
    etag: bytes.length <= smallFileBytes ? contentEtag(bytes) : placeEtag(bytes.length, storedAtMs),
    bytes,
    async *stream(range) {
      yield range ? bytes.subarray(range.start, range.end + 1) : bytes;
    },
  };
}

/** A file that is read from its descriptor each time it is asked for. */
export function fileOnDisk(key: FileKey, size: number, storedAtMs: number, descriptor: Descriptor): StoredFile {
  return {
    key,
    size,
    storedAtMs,
    etag: placeEtag(size, storedAtMs),
    bytes: null,
    stream: (range: ByteRange = { start: 0, end: size - 1 }) => descriptor.stream(range),
  };
}

// Small answers may change twice within a millisecond at the same size; 132 bits of hash tell them apart.
function contentEtag(bytes: Uint8Array): string {
  return `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
}

// As nginx makes it: cheap after a restart, and two commits of a large file are never within a millisecond.
function placeEtag(size: number, storedAtMs: number): string {
  return `"${storedAtMs.toString(16)}-${size.toString(16)}"`;
}
