import { Problem } from "../kernel/problem.ts";
import { quote } from "./quote.ts";
import type { GoRequest } from "./request.ts";
import { parseRfc3339 } from "./rfc3339.ts";

const maxLimit = 2000;

/**
 * Reads the parameters of `/index`: `since`, an RFC 3339 time (left out or empty: from the beginning), and
 * `limit`, 1 to 2,000 (left out or empty: 2,000). INVALID_QUERY for other values. https://index.golang.org
 */
export function parseIndexQuery(query: URLSearchParams): GoRequest {
  return { kind: "index", sinceMs: readSince(query.get("since") ?? ""), limit: readLimit(query.get("limit") ?? "") };
}

function readSince(since: string): number {
  if (since === "") return 0;
  const sinceMs = parseRfc3339(since);
  if (sinceMs !== null) return sinceMs;
  throw new Problem("INVALID_QUERY", `Cannot read since=${quote(since)}: want a time such as 2026-01-31T12:00:00Z`, {
    hint: "end it with Z, or write the + of an offset as %2B",
  });
}

function readLimit(limit: string): number {
  if (limit === "") return maxLimit;
  const count = /^[0-9]{1,4}$/.test(limit) ? Number(limit) : 0;
  if (count >= 1 && count <= maxLimit) return count;
  throw new Problem("INVALID_QUERY", `Cannot read limit=${quote(limit)}: want an integer from 1 to ${maxLimit}`, {
    hint: "leave it out for 2,000 lines, and ask again with since= the last time you got",
  });
}
