import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** The unpacked bytes; throws what `chunks` throws, or zlib's error (`code` Z_…) where they are no whole gzip. */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacked = createGunzip();
  // Its error reaches the reader through `unpacked` itself.
  pipeline(Readable.from(chunks, { objectMode: false }), unpacked, () => {});
  for await (const chunk of unpacked) yield chunk;
}
