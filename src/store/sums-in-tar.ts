import type { FileKey } from "../ports/store.ts";
import { placeOf } from "./cache-layout.ts";
import { readTar } from "./read-tar.ts";

// A lookup has hardly a thousand bytes, a tile 8 KiB; a signed tree head may have a million.
const maxBytesEach = 2_000_000;
const maxBytes = 512 * 1024 * 1024;

/**
 * What a tar has of checksum databases, by key. Answers longer than any right one, and what is beyond 512 MiB of them,
 * are left out. UPSTREAM_DAMAGED where the tar is none or breaks off.
 */
export async function sumsInTar(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Map<FileKey, Buffer>> {
  const sums = new Map<FileKey, Buffer>();
  let bytes = 0;
  for await (const { name: written, type, size, content } of readTar(chunks)) {
    signal.throwIfAborted();
    const name = nameInTar(written);
    if (type !== "0" || placeOf(name)?.kind !== "sumdb" || size > maxBytesEach || bytes + size > maxBytes) continue;
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(Buffer.from(piece));
    bytes += size;
    sums.set(name, Buffer.concat(pieces));
  }
  return sums;
}

/** The key that an entry's name stands for; `tar` writes `./` before it. */
export function nameInTar(name: string): string {
  return name.replace(/^(?:\.\/)+/, "");
}
