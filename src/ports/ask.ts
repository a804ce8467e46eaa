import type { Problem } from "../kernel/problem.ts";
import type { Exchange } from "./exchange.ts";
import type { StoredFile } from "./store.ts";

/** One request as a listener hands it to the gateway. */
export interface Ask {
  readonly method: string;
  /** The path as it came over the wire, still escaped, without the query. */
  readonly path: string;
  /** The query without its question mark; "" where there is none. */
  readonly query: string;
  /** Address of the client, without its port. */
  readonly client: string;
  /** The value of a header by its lower-case name; undefined where it was not sent. */
  header(name: string): string | undefined;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** Where the answer goes. Each request gets exactly one call of send or refuse. */
export interface Reply {
  /** Sends the artifact, a part of it, or "unchanged"; gives status and body bytes sent. Rejects only with STORE_FAILED. */
  send(artifact: Artifact, exchange: Exchange): Promise<Sent> | Sent;
  /** Sends the problem as text/plain; gives status and body bytes sent. */
  refuse(problem: Problem, exchange: Exchange): Promise<Sent> | Sent;
}

export interface Sent {
  readonly status: number;
  readonly bytes: number;
}

/** What a request gets: whole and checked bytes, and what the client may do with them. */
export interface Artifact {
  readonly file: StoredFile;
  readonly contentType: string;
  readonly cacheControl: string;
  /** The upstream that gave the bytes; null where this gateway made them itself. */
  readonly upstream: string | null;
  /** Seconds since an upstream last confirmed it; null for what never changes. */
  readonly ageSeconds: number | null;
  /** True where it is older than it should be because no upstream could be asked. */
  readonly stale: boolean;
}
