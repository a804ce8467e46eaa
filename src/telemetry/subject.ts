import type { GoRequest } from "../gomod/request.ts";

/** The module path that a request is about; null where it is about none. */
export function moduleOf(request: GoRequest | null): string | null {
  return request !== null && "module" in request ? request.module : null;
}

/** The version or query that a request is about; null where it is about none. */
export function versionOf(request: GoRequest | null): string | null {
  if (request === null) return null;
  if ("version" in request) return request.version;
  return request.kind === "query" ? request.query : null;
}
