/** Which upstream was asked, and what came of it: one for each attempt, in order. */
export interface UpstreamTry {
  readonly upstream: string;
  /** From 1, counted for each upstream; two hedged requests are one attempt. */
  readonly attempt: number;
  /** `skipped`: not asked while the breaker is open, or given up because another answer was first. */
  readonly outcome: "found" | "unchanged" | "absent" | "denied" | "unreachable" | "damaged" | "skipped";
  /** The HTTP status, null where none came. */
  readonly status: number | null;
  /** What it said or how it failed, one line, without credentials. */
  readonly reason: string;
  readonly tookMs: number;
  readonly breaker: "closed" | "open" | "half-open";
}

/** What to ask of an upstream. */
export interface UpstreamAsk {
  /**
   * The path below the upstream's base URL, `!`-escaped as the protocol has it, but not percent-encoded;
   * without a leading slash; no query.
   */
  readonly path: string;
  /** The module path that the request is about; null for the checksum database and the vulnerability database. */
  readonly module: string | null;
  /** Kind of file, which decides what a whole answer looks like. */
  readonly endpoint: "list" | "latest" | "info" | "mod" | "zip" | "sumdb" | "vulndb";
  /** Version or query, null where the endpoint has none. */
  readonly version: string | null;
  /** Validators of the answer already here: upstream may then say unchanged. */
  readonly etag: string | null;
  readonly lastModified: string | null;
  /**
   * Headers to send along: the client's Via, traceparent, X-Request-Id, X-Go-Proxy-Upstream; lower-case
   * names. The chain adds its own hop to Via. A redirect to another host takes none of them but Via.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** The client's Authorization, sent only to upstreams marked forwardAuthorization. */
  readonly authorization: string | null;
  /**
   * Names or hosts of the upstreams to ask, in this order; null for the whole chain. Each keeps the separator
   * that it has in the chain; one that only rules name has a comma.
   */
  readonly only: readonly string[] | null;
  /** Asked before the walk goes on past an upstream that has proved absence; false ends the walk there. */
  readonly mayGoOn?: (upstream: string) => Promise<boolean>;
  /** Told of every attempt as it ends. */
  readonly onTry: (attempt: UpstreamTry) => void;
}

/** An answer with a body, before anybody has looked at it. */
export interface UpstreamBody {
  readonly upstream: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Content-Length, null where the upstream gave none. */
  readonly size: number | null;
  readonly contentType: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** How a walk along the chain ended well. */
export type UpstreamResult<T> =
  | { readonly kind: "found"; readonly upstream: string; readonly value: T }
  | { readonly kind: "unchanged"; readonly upstream: string };

/**
 * The upstream chain. `receive` takes the body of a 200 and gives what was made of it; when it throws
 * UPSTREAM_DAMAGED the answer counts as that upstream's failure and the chain goes on by its
 * separator; on SUMDB_MISMATCH and FIRST_SEEN_MISMATCH it goes on whatever the separator. A body that breaks off counts as unreachable and may be tried again from its start: `receive`
 * is then called again. What else it throws ends the walk at once and is thrown on.
 *
 * Ends in a value or in a Problem: MODULE_ABSENT or MODULE_GONE only when every upstream asked proved
 * it, else, the gravest first, UPSTREAM_LOOP (which ends the walk whatever the separator), the mismatch, UPSTREAM_DAMAGED,
 * UPSTREAM_UNREACHABLE or BREAKER_OPEN (with retryAfterMs), UPSTREAM_DENIED; UNKNOWN_UPSTREAM where `only`
 * names none. `tried` of the Problem names each upstream and what it said last. Rejects with the signal's
 * reason when that is aborted.
 */
export interface Chain {
  fetch<T>(
    ask: UpstreamAsk,
    receive: (body: UpstreamBody, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<UpstreamResult<T>>;
  /** Names of the upstreams, in order; those that only rules name come last. */
  readonly names: readonly string[];
  /** State of each upstream but `off` for /readyz and /metrics. */
  health(): readonly UpstreamHealth[];
  /** Lets requests under way end, and closes the connections. */
  close(): Promise<void>;
}

export interface UpstreamHealth {
  readonly upstream: string;
  /** host:port of its URL, the folder of a file: URL, or `direct`. */
  readonly host: string;
  readonly breaker: "closed" | "open" | "half-open";
  /** When it last answered found, unchanged or absent; null until then. */
  readonly lastOkAtMs: number | null;
  /** Null since the last good answer. */
  readonly lastFailure: string | null;
}
