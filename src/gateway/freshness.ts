import type { Config } from "../config/config.ts";

/**
 * What an answer's age means: `fresh` is served, `behind` is served while it is asked anew, `ask` must be
 * asked first, and is served all the same, as `stale`, when nobody can be asked and it is not too old.
 */
export type Freshness = "fresh" | "behind" | "ask";

/** Judges an answer confirmed `ageMs` ago. A clock that ran backwards makes it fresh, never older. */
export function freshnessOf(ageMs: number, cache: Config["cache"]): Freshness {
  if (ageMs <= cache.ttlMs) return "fresh";
  return ageMs <= cache.ttlMs + cache.staleWhileRevalidateMs ? "behind" : "ask";
}

/** True where an answer that cannot be confirmed may still be served. */
export function mayServeStale(ageMs: number, cache: Config["cache"]): boolean {
  return ageMs <= cache.maxStaleMs;
}
