import type { Verdict } from "../kernel/verdict.ts";
import type { Problem } from "../kernel/problem.ts";
import type { GoRequest } from "../gomod/request.ts";
import type { UpstreamTry } from "./upstream.ts";

/** How the cache took part in an answer. */
export type CacheUse = "hit" | "miss" | "stale" | "revalidated" | "shared" | "none";

/** What kind of thing was asked, the label of logs and metrics. */
export type Endpoint = GoRequest["kind"] | "other";

/**
 * Everything that is known of one request, filled on its way along the straight line. Access log,
 * metrics, explain and traces are all made from it once it has ended.
 */
export interface Exchange {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly method: string;
  /** As it came, query included; never longer than 2,048 characters. */
  readonly path: string;
  readonly client: string;
  readonly userAgent: string;
  /** W3C trace context of this gateway's own span; "" where nobody traces and no upstream was asked. */
  traceparent: string;
  endpoint: Endpoint;
  request: GoRequest | null;
  tenant: string;
  /** The rule that decided, null for the default. */
  rule: string | null;
  cache: CacheUse;
  /** Age of a cached mutable answer in seconds. */
  ageSeconds: number | null;
  /** The upstream whose bytes were served, also where they came from the cache. */
  upstream: string | null;
  tries: UpstreamTry[];
  verdict: Verdict;
  status: number;
  problem: Problem | null;
  bytesSent: number;
  tookMs: number;
  /** Which configuration answered: the number of its load, from 1. */
  generation: number;
}

/** Sees every exchange once, after its answer has been sent or has failed. Never throws. */
export interface Witness {
  record(exchange: Exchange): void;
}
