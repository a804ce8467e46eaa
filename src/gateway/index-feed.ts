import type { GoRequest } from "../gomod/request.ts";
import type { Store } from "../ports/store.ts";
import { contentTypeOf, fileFromBytes } from "./artifact.ts";
import type { Artifact } from "../ports/ask.ts";

/**
 * The versions first seen here after `since`, oldest first, one JSON object a line with Path, Version and
 * Timestamp, as the public index prints them.
 */
export function answerIndex(store: Store, request: GoRequest & { kind: "index" }): Artifact {
  const versions = store.seenSince(request.sinceMs, request.limit);
  const lines = versions.map(({ module, version, firstSeenMs }) =>
    JSON.stringify({ Path: module, Version: version, Timestamp: new Date(firstSeenMs).toISOString() }),
  );
  const body = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  return {
    file: fileFromBytes("index", body, versions.at(-1)?.firstSeenMs ?? request.sinceMs),
    contentType: contentTypeOf(request),
    cacheControl: "no-store",
    upstream: null,
    ageSeconds: null,
    stale: false,
  };
}
