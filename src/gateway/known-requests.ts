import { parseGoRequest, type ParsedRequest } from "../gomod/parse-request.ts";

// Shared, and never written to: most requests have no query.
const noQuery = new URLSearchParams();
const maxEntries = 8192;
const longestKept = 256;

/**
 * Reads requests, and remembers the plain ones: builds ask for the same few thousand paths again and again, and
 * what is remembered by path can be remembered by its request further on. Refused paths are read anew each
 * time, so garbage fills nothing. Two halves, the older thrown away when the younger is full.
 */
export class KnownRequests {
  #young = new Map<string, ParsedRequest>();
  #old = new Map<string, ParsedRequest>();

  /** As parseGoRequest(), whose Problems it throws; the same object for the same path for as long as it is kept. */
  read(path: string, query: string): ParsedRequest {
    if (query !== "") return parseGoRequest(path, new URLSearchParams(query));
    const known = this.#young.get(path);
    if (known !== undefined) return known;
    const parsed = this.#old.get(path) ?? parseGoRequest(path, noQuery);
    if (path.length <= longestKept) this.#keep(path, parsed);
    return parsed;
  }

  #keep(path: string, parsed: ParsedRequest): void {
    if (this.#young.size >= maxEntries / 2) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(path, parsed);
  }
}
