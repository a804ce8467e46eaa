import { Problem } from "../kernel/problem.ts";
import { readPaxRecords, readTarHeader, tarBlock, type TarHeader } from "./tar-format.ts";

/** A file in a tar: its content must be taken, or skipped by not taking it, before the next one. */
export interface TarEntry extends TarHeader {
  readonly content: AsyncIterable<Uint8Array>;
}

const maxHeaderBytes = 1024 * 1024;

/**
 * The entries of a tar in ustar, pax or GNU format, in order. UPSTREAM_DAMAGED where it is no tar, or
 * breaks off: an entry whose content ended without an error is whole.
 */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const input = new TarInput(chunks);
  let extended: { name?: string; size?: number } = {};
  for (;;) {
    const block = await input.take(tarBlock);
    if (!block) throw damaged("it breaks off: its end mark is missing");
    const header = readTarHeader(block);
    if (header === "damaged") throw damaged(`block ${input.position / tarBlock - 1} is no header`);
    // A tar ends in two blocks of zeros, and padding may follow: the reader of a pipe must see it through.
    if (!header) return input.drain();
    if (header.type === "x" || header.type === "L") {
      Object.assign(extended, await readExtended(input, header));
      continue;
    }
    if (header.type === "g") {
      await input.skip(padded(header.size));
      continue;
    }
    const size = extended.size ?? header.size;
    const name = extended.name ?? header.name;
    extended = {};
    const content = new TarContent(input, name, size);
    yield { ...header, name, size, content };
    await content.skipRest();
  }
}

async function readExtended(input: TarInput, header: TarHeader): Promise<{ name?: string; size?: number }> {
  if (header.size > maxHeaderBytes) throw damaged("an extended header is larger than 1 MiB");
  const bytes = await input.take(padded(header.size));
  if (!bytes) throw damaged("it breaks off in an extended header");
  const content = bytes.subarray(0, header.size);
  if (header.type === "L") return { name: content.toString().replace(/\0.*$/s, "") };
  const values = readPaxRecords(content);
  if (!values) throw damaged("an extended header breaks the format");
  const name = values.get("path");
  const size = values.get("size");
  if (size !== undefined && !/^[0-9]{1,15}$/.test(size)) throw damaged("an extended header has no number as size");
  return { ...(name === undefined ? {} : { name }), ...(size === undefined ? {} : { size: Number(size) }) };
}

class TarContent implements AsyncIterable<Uint8Array> {
  readonly #input: TarInput;
  readonly #name: string;
  #left: number;
  #padding: number;

  constructor(input: TarInput, name: string, size: number) {
    this.#input = input;
    this.#name = name;
    this.#left = size;
    this.#padding = padded(size) - size;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      const piece = await this.#input.some(this.#left);
      if (!piece) throw damaged(`it breaks off inside ${JSON.stringify(this.#name)}`);
      this.#left -= piece.length;
      yield piece;
    }
  }

  async skipRest(): Promise<void> {
    if (!(await this.#input.skip(this.#left + this.#padding)))
      throw damaged(`it breaks off inside ${JSON.stringify(this.#name)}`);
    this.#left = 0;
    this.#padding = 0;
  }
}

class TarInput {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  /** Bytes taken so far. */
  position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Between one and `limit` bytes; null at the end. */
  async some(limit: number): Promise<Uint8Array | null> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return null;
      this.#rest = next.value;
    }
    const piece = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(piece.length);
    this.position += piece.length;
    return piece;
  }

  /** Exactly `length` bytes; null where the tar ends before. */
  async take(length: number): Promise<Buffer | null> {
    const pieces: Uint8Array[] = [];
    for (let left = length; left > 0;) {
      const piece = await this.some(left);
      if (!piece) return null;
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  /** False where the tar ends before `length` bytes. */
  async skip(length: number): Promise<boolean> {
    for (let left = length; left > 0;) {
      const piece = await this.some(left);
      if (!piece) return false;
      left -= piece.length;
    }
    return true;
  }

  async drain(): Promise<void> {
    while (await this.some(Number.MAX_SAFE_INTEGER));
  }
}

function padded(size: number): number {
  return Math.ceil(size / tarBlock) * tarBlock;
}

function damaged(reason: string): Problem {
  return new Problem("UPSTREAM_DAMAGED", `The archive is damaged: ${reason}`, {
    hint: "make it anew with `modgate cache export`; what was imported before the damage is whole and stays",
  });
}
