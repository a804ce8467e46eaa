import type { Rule } from "../policy/rule.ts";

/** Time limits towards one upstream, in milliseconds. */
export interface UpstreamTimeouts {
  /** From the start of dialling to a usable connection, TLS included. */
  readonly connectMs: number;
  /** From the request to the last header. */
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly idleMs: number;
  /** For one attempt as a whole. */
  readonly totalMs: number;
}

export interface UpstreamRetry {
  /** Attempts in all, at least 1. */
  readonly attempts: number;
  /** Before the second attempt; doubled for each further one, with full jitter. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

export interface UpstreamBreaker {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open before one request may try. */
  readonly openMs: number;
}

/** How one upstream is reached and read. */
export interface UpstreamConfig {
  readonly name: string;
  /** http:, https: or file: URL without trailing slash; `direct` and `off` as Go means them. May hold credentials. */
  readonly url: string;
  /** Statuses that mean "does not exist" here, beside 404 and 410. */
  readonly notFound: readonly number[];
  readonly timeouts: UpstreamTimeouts;
  readonly retry: UpstreamRetry;
  readonly breaker: UpstreamBreaker;
  /** Sends a second request when the first has no headers after this time; null: never. */
  readonly hedgeAfterMs: number | null;
  /** Added to each request, names in lower case; may hold credentials. */
  readonly headers: Readonly<Record<string, string>>;
  readonly http2: boolean;
  /** Most requests under way at once; more wait. */
  readonly connections: number;
  /** The client's own Authorization may be sent on. */
  readonly forwardAuthorization: boolean;
  /** May serve private modules; always true for `direct`. */
  readonly private: boolean;
  /** PEM files. */
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** An http: proxy to go through; null: by `proxyEnvironment` of Config. `none`: never. */
  readonly proxy: string | null;
}

/** One element of the chain; `separator` stands after it and decides, as in GOPROXY, when to go on. */
export interface ChainElement {
  readonly upstream: UpstreamConfig;
  readonly separator: "," | "|";
}

export interface SumdbConfig {
  /** As the client names it, such as `sum.golang.org`, with a path where it has one. */
  readonly name: string;
  /** The verifier key `name+hash+key`. */
  readonly key: string;
  /** Where it is asked; null: `https://` and the name. */
  readonly url: string | null;
}

export interface Listener {
  /** host:port or `unix:/path`. */
  readonly address: string;
}

/** The whole configuration: validated, frozen, handed out in parts. Only config/ makes one. */
export interface Config {
  readonly listen: readonly Listener[];
  readonly tls: { readonly certFile: string; readonly keyFile: string; readonly clientCaFile: string | null } | null;
  /** Absolute path of the data folder. */
  readonly data: string;
  readonly processes: number;
  readonly network: "online" | "offline";
  readonly chain: readonly ChainElement[];
  /** Further upstreams by name, outside the chain, that rules and X-Go-Proxy-Upstream may name. */
  readonly upstreams: Readonly<Record<string, UpstreamConfig>>;
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the environment, in either case; null where unset. */
  readonly proxyEnvironment: {
    readonly httpProxy: string | null;
    readonly httpsProxy: string | null;
    readonly noProxy: string | null;
  };
  /** Patterns as in GOPRIVATE: never sent to a public upstream or the checksum database. */
  readonly private: readonly string[];
  /** The checksum database of public modules that `sumdbs` does not decide; null: off. */
  readonly sumdb: SumdbConfig | null;
  /** Of modules that a pattern fits, the first that does; null: off. */
  readonly sumdbs: readonly { readonly pattern: string; readonly sumdb: SumdbConfig | null }[];
  readonly rules: readonly Rule[];
  /** http:, https: or file: URL; null: none. */
  readonly vulndb: string | null;
  readonly acceptedVulnerabilities: readonly string[];
  /** `NAME+HASH+KEY` of those whose bundles are believed. */
  readonly bundleKeys: readonly string[];
  /** `MODULE@VERSION`: no minimum age holds them. */
  readonly fastLane: readonly string[];
  readonly cache: {
    /** Null: no limit. */
    readonly maxBytes: number | null;
    readonly memoryBytes: number;
    /** How long list, @latest and queries are served without asking. */
    readonly ttlMs: number;
    /** How long after that they are served at once while being asked anew. */
    readonly staleWhileRevalidateMs: number;
    /** Oldest answer that is served when no upstream can be asked. */
    readonly maxStaleMs: number;
    /** How long absence is remembered. */
    readonly negativeTtlMs: number;
    /** How often the whole cache is hashed anew; null: never. */
    readonly verifyEveryMs: number | null;
    readonly verifyBytesPerSecond: number;
  };
  /** How long who took which version is remembered; null: not at all. */
  readonly accessKeepMs: number | null;
  readonly direct: {
    readonly concurrency: number;
    readonly timeoutMs: number;
    /** Variables of the environment that the `go` process gets, beside its own GOMODCACHE. */
    readonly environment: Readonly<Record<string, string>>;
    readonly goBinary: string;
  };
  /** Answers to ?go-get=1. */
  readonly goGet: readonly {
    readonly pattern: string;
    /** `mod`: this gateway answers; `origin`: the request is passed on to it. */
    readonly kind: "mod" | "origin";
    /** URL of this gateway as clients see it (kind mod), or of the origin; null: from the request's Host, or the import path's host. */
    readonly url: string | null;
  }[];
  readonly confirm: { readonly patterns: readonly string[]; readonly everyMs: number } | null;
  readonly webhook: {
    readonly url: string;
    readonly patterns: readonly string[];
    readonly timeoutMs: number;
    readonly cacheMs: number;
    readonly onFailure: "allow" | "deny";
    readonly headers: Readonly<Record<string, string>>;
  } | null;
  readonly log: {
    readonly level: string;
    readonly access: boolean;
    /** Null: standard error. */ readonly file: string | null;
  };
  /** MODULE@VERSION list that a new configuration must be able to serve. */
  readonly smoke: readonly string[];
  readonly canary: {
    /** Share of requests, from 0 to 1. */
    readonly share: number;
    readonly forMs: number;
    /** Share of unreachable and damaged answers above which the new configuration is taken back. */
    readonly maxErrorRate: number;
  };
  /** How long SIGTERM waits for requests under way. */
  readonly drainMs: number;
}
