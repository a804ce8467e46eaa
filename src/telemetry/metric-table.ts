interface MetricRow {
  readonly type: "counter" | "gauge" | "histogram";
  readonly labels: readonly string[];
  readonly help: string;
  /** One line of a scrape, without its value. */
  readonly example: string;
  /** How values of several processes on one data folder become one. */
  readonly aggregator: "sum" | "max";
}

/** Every metric of modgate's own. docs/metrics.md is made from this table. */
export const metricTable = {
  modgate_requests_total: {
    type: "counter",
    labels: ["endpoint", "verdict", "upstream"],
    help: "Requests that have ended, by what was asked, how it ended and whose bytes were served",
    example: 'modgate_requests_total{endpoint="info",verdict="ok",upstream="proxy"}',
    aggregator: "sum",
  },
  modgate_request_seconds: {
    type: "histogram",
    labels: ["endpoint"],
    help: "Time from the request's head to the end of its answer",
    example: 'modgate_request_seconds_bucket{le="0.005",endpoint="zip"}',
    aggregator: "sum",
  },
  modgate_sent_bytes_total: {
    type: "counter",
    labels: ["endpoint"],
    help: "Bytes of bodies sent to clients",
    example: 'modgate_sent_bytes_total{endpoint="zip"}',
    aggregator: "sum",
  },
  modgate_cache_total: {
    type: "counter",
    labels: ["use"],
    help: "Requests by the part that the cache had in the answer: hit, miss, stale, revalidated, shared (another request fetched it), none",
    example: 'modgate_cache_total{use="hit"}',
    aggregator: "sum",
  },
  modgate_upstream_seconds: {
    type: "histogram",
    labels: ["upstream", "outcome"],
    help: "Time of one attempt at an upstream, its body included",
    example: 'modgate_upstream_seconds_bucket{le="0.25",upstream="proxy",outcome="found"}',
    aggregator: "sum",
  },
  modgate_upstream_tries_total: {
    type: "counter",
    labels: ["upstream", "outcome"],
    help: "Attempts at upstreams by outcome: found, unchanged, absent, denied, unreachable, damaged, skipped (breaker open)",
    example: 'modgate_upstream_tries_total{upstream="proxy",outcome="unreachable"}',
    aggregator: "sum",
  },
  modgate_security_events_total: {
    type: "counter",
    labels: ["kind"],
    help: "Files that are not what is proved of their version (mismatch, drift, changed-on-disk), and checksum databases with two histories (fork)",
    example: 'modgate_security_events_total{kind="mismatch"}',
    aggregator: "sum",
  },
  modgate_breaker_state: {
    type: "gauge",
    labels: ["upstream"],
    help: "Circuit breaker of the upstream: 0 closed, 1 half-open, 2 open",
    example: 'modgate_breaker_state{upstream="proxy"}',
    aggregator: "max",
  },
  modgate_in_flight: {
    type: "gauge",
    labels: [],
    help: "Requests under way",
    example: "modgate_in_flight",
    aggregator: "sum",
  },
  modgate_store_bytes: {
    type: "gauge",
    labels: [],
    help: "Bytes of module files in the cache",
    example: "modgate_store_bytes",
    aggregator: "max",
  },
  modgate_store_files: {
    type: "gauge",
    labels: [],
    help: "Module files in the cache",
    example: "modgate_store_files",
    aggregator: "max",
  },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof metricTable;
