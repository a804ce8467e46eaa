import { readSync } from "node:fs";
import type { ZipSource } from "../gomod/zip-reads.ts";

// Most module zips are read with one system call.
const windowBytes = 1024 * 1024;

/** A zip whose bytes are in memory. */
export function bytesSource(bytes: Uint8Array): ZipSource {
  return {
    size: bytes.length,
    read: (position, length) => Promise.resolve(bytes.subarray(position, position + length)),
  };
}

/** A zip in an open file. It reads ahead, 1 MiB at a time, and blocks its thread: for worker threads alone. */
export class FileSource implements ZipSource {
  readonly size: number;
  readonly #descriptor: number;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(descriptor: number, size: number) {
    this.size = size;
    this.#descriptor = descriptor;
  }

  read(position: number, length: number): Promise<Uint8Array> {
    const at = position - this.#start;
    if (at >= 0 && at + length <= this.#window.length) return Promise.resolve(this.#window.subarray(at, at + length));
    if (length > windowBytes) return Promise.resolve(this.#readNow(position, length));
    // The last window reaches to the end, so that a small file is read whole with the end that is asked for first.
    this.#start = Math.min(position, Math.max(0, this.size - windowBytes));
    this.#window = this.#readNow(this.#start, Math.min(windowBytes, this.size - this.#start));
    return Promise.resolve(this.#window.subarray(position - this.#start, position - this.#start + length));
  }

  #readNow(position: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < length) {
      const count = readSync(this.#descriptor, buffer, filled, length - filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  }
}
