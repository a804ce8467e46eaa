import { Problem } from "../kernel/problem.ts";

/** A zip that can be read at any place, such as a file on its way into the cache. */
export interface ZipSource {
  /** Bytes in all. */
  readonly size: number;
  /** Up to `length` bytes at `position`; fewer at the end alone. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** Reads of one zip; what is wrong with it becomes a Problem that names its module. */
export class ZipReads {
  readonly size: number;
  /** `MODULE@VERSION`, as messages call it. */
  readonly label: string;
  readonly #source: ZipSource;

  constructor(source: ZipSource, label: string) {
    this.size = source.size;
    this.#source = source;
    this.label = label;
  }

  /** Exactly `length` bytes at `position`; UPSTREAM_DAMAGED where the zip does not have them. */
  async exactly(position: number, length: number): Promise<Uint8Array> {
    if (position < 0 || position + length > this.size) {
      throw this.damaged(`its directory points to byte ${position}, outside its ${this.size} bytes`);
    }
    const bytes = await this.#source.read(position, length);
    if (bytes.length < length) throw this.damaged(`it ends before its ${this.size} bytes`);
    return bytes;
  }

  /** The Problem to throw for this zip: UPSTREAM_DAMAGED with the reason. */
  damaged(reason: string): Problem {
    return new Problem("UPSTREAM_DAMAGED", `The zip of ${this.label} is damaged: ${reason}`);
  }
}

/** Little-endian numbers of a piece of a zip. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
