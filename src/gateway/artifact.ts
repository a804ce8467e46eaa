import { createHash } from "node:crypto";
import type { GoRequest } from "../gomod/request.ts";
import type { StoredFile } from "../ports/store.ts";

const text = "text/plain; charset=utf-8";
const json = "application/json";
const forEver = "public, max-age=31536000, immutable";

/** The Content-Type of each kind of file. https://go.dev/ref/mod#goproxy-protocol */
export function contentTypeOf(request: GoRequest): string {
  switch (request.kind) {
    case "info":
    case "query":
    case "latest":
      return json;
    case "zip":
      return "application/zip";
    case "vulndb":
      return json;
    case "sumdb":
      return request.op === "tile" ? "application/octet-stream" : text;
    case "index":
      return "application/x-ndjson";
    case "go-get":
      return "text/html; charset=utf-8";
    case "list":
    case "mod":
      return text;
  }
}

/** Only version files, lookups and tiles never change; lists and queries are asked anew after their TTL. */
export function cacheControlOf(request: GoRequest, ttlMs: number): string {
  return isImmutable(request) ? forEver : `public, max-age=${Math.floor(ttlMs / 1000)}`;
}

/** True where the same request has the same answer for ever. */
export function isImmutable(request: GoRequest): boolean {
  if (request.kind === "sumdb") return request.op === "tile" || request.op === "lookup";
  return isVersionFile(request);
}

/** True for the three files of a canonical version. */
export function isVersionFile<R extends GoRequest>(request: R): request is R & { kind: "info" | "mod" | "zip" } {
  return request.kind === "info" || request.kind === "mod" || request.kind === "zip";
}

/** A StoredFile over bytes that no disk holds, such as an offline list. */
export function fileFromBytes(key: string, bytes: Buffer, storedAtMs: number): StoredFile {
  return {
    key,
    size: bytes.length,
    storedAtMs,
    etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
    bytes,
    async *stream(range) {
      yield range ? bytes.subarray(range.start, range.end + 1) : bytes;
    },
  };
}

/** The whole content of a file that is small enough for memory. STORE_FAILED where it can't be read. */
export async function wholeOf(file: StoredFile): Promise<Buffer> {
  if (file.bytes !== null) return file.bytes;
  const pieces: Buffer[] = [];
  // A chunk is good until the next.
  for await (const chunk of file.stream()) pieces.push(Buffer.from(chunk));
  return Buffer.concat(pieces);
}
