import type { Artifact, Ask } from "../ports/ask.ts";
import type { ByteRange } from "../ports/store.ts";
import { parseByteRange } from "./byte-range.ts";

/** How an artifact answers a request: status, headers in pairs, and which part of the bytes follows. */
export interface SendPlan {
  readonly status: 200 | 206 | 304 | 416;
  /** Name, value, name, value …: what writeHead takes without looking at it again. */
  readonly headers: readonly string[];
  /** Null for the whole file. */
  readonly range: ByteRange | null;
  readonly hasBody: boolean;
}

// Made once for each artifact: hot files are asked for thousands of times a second.
const fullAnswers = new WeakMap<Artifact, SendPlan>();

/**
 * Decides between the whole file, a part, "unchanged" and 416.
 * https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
 */
export function planSend(artifact: Artifact, ask: Ask): SendPlan {
  const { file } = artifact;
  if (isUnchanged(artifact, ask)) return { status: 304, headers: validators(artifact), range: null, hasBody: false };
  const isHead = ask.method === "HEAD";
  const range = isRangeWanted(artifact, ask) ? parseByteRange(ask.header("range"), file.size) : null;
  if (range === "unsatisfiable") {
    return {
      status: 416,
      headers: ["Content-Range", `bytes */${file.size}`, "Content-Length", "0"],
      range: null,
      hasBody: false,
    };
  }
  if (range !== null) {
    const headers = [
      ...describe(artifact),
      "Content-Length",
      String(range.end - range.start + 1),
      "Content-Range",
      `bytes ${range.start}-${range.end}/${file.size}`,
    ];
    return { status: 206, headers, range, hasBody: !isHead };
  }
  let plan = fullAnswers.get(artifact);
  if (plan === undefined) {
    plan = {
      status: 200,
      headers: [...describe(artifact), "Content-Length", String(file.size)],
      range: null,
      hasBody: true,
    };
    fullAnswers.set(artifact, plan);
  }
  return isHead ? { ...plan, hasBody: false } : plan;
}

function isUnchanged(artifact: Artifact, ask: Ask): boolean {
  const tags = ask.header("if-none-match");
  if (tags !== undefined) {
    return tags.trim() === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === artifact.file.etag);
  }
  const since = ask.header("if-modified-since");
  if (since === undefined) return false;
  const sinceMs = Date.parse(since);
  return !Number.isNaN(sinceMs) && Math.floor(artifact.file.storedAtMs / 1000) * 1000 <= sinceMs;
}

function isRangeWanted(artifact: Artifact, ask: Ask): boolean {
  if (ask.header("range") === undefined || ask.method !== "GET") return false;
  const condition = ask.header("if-range");
  return condition === undefined || condition === artifact.file.etag || condition === lastModified(artifact);
}

function describe(artifact: Artifact): string[] {
  const headers = ["Content-Type", artifact.contentType, ...validators(artifact)];
  if (artifact.contentType === "application/zip") headers.push("Accept-Ranges", "bytes");
  return headers;
}

function validators(artifact: Artifact): string[] {
  const headers = [
    "ETag",
    artifact.file.etag,
    "Last-Modified",
    lastModified(artifact),
    "Cache-Control",
    artifact.cacheControl,
  ];
  if (artifact.upstream !== null) headers.push("X-Go-Proxy-Upstream", artifact.upstream);
  if (artifact.ageSeconds !== null) headers.push("Age", String(artifact.ageSeconds));
  if (artifact.stale) headers.push("Warning", '111 modgate "Revalidation Failed"');
  return headers;
}

function lastModified(artifact: Artifact): string {
  return new Date(artifact.file.storedAtMs).toUTCString();
}
