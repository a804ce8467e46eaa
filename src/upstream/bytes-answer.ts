import type { Found } from "./answer.ts";

/** An answer whose whole body is at hand. */
export function bytesAnswer(text: string, contentType: string): Found {
  const bytes = Buffer.from(text);
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    if (bytes.length > 0) yield bytes;
  };
  return {
    kind: "found",
    body: { chunks: chunks(), size: bytes.length, contentType, etag: null, lastModified: null },
    brokenBy: () => null,
    done: Promise.resolve(),
    cancel: () => {},
  };
}
