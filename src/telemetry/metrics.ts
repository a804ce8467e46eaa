import { collectDefaultMetrics, Registry } from "prom-client";
import type { Exchange, Witness } from "../ports/exchange.ts";
import type { SecurityEvent } from "../ports/security-event.ts";
import type { StoreStats } from "../ports/store.ts";
import type { UpstreamHealth } from "../ports/upstream.ts";
import { metricTable, type MetricName } from "./metric-table.ts";
import { type Counter, CounterSeries, type Distribution, HistogramSeries, type MetricValue } from "./metric-series.ts";

interface ExchangeCells {
  readonly verdict: string;
  readonly upstream: string;
  readonly cache: string;
  readonly requests: Counter;
  readonly sentBytes: Counter;
  readonly cacheUses: Counter;
  readonly seconds: Distribution;
}

/** Asked when somebody scrapes, never before. */
export interface MetricSources {
  readonly inFlight: () => number;
  readonly storeStats: () => Pick<StoreStats, "bytes" | "files">;
  readonly health: () => readonly UpstreamHealth[];
}

/** One metric of one process with all its values; plain data, so that it can be sent to another process. */
export interface MetricSnapshot {
  readonly name: string;
  readonly help: string;
  /** In prom-client's words: sum, max, min, average, first, omit. */
  readonly aggregator: string;
  readonly type: string;
  readonly values: readonly MetricValue[];
}

const requestBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const upstreamBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const breakerValues = { closed: 0, "half-open": 1, open: 2 };

/**
 * Counts exchanges for /metrics. The request path adds to plain numbers; prom-client brings the metrics of the
 * process and writes the text (metricsPage).
 */
export class Metrics implements Witness {
  readonly #sources: MetricSources;
  readonly #process = new Registry();
  readonly #requests = new CounterSeries(metricTable.modgate_requests_total.labels);
  readonly #sentBytes = new CounterSeries(metricTable.modgate_sent_bytes_total.labels);
  readonly #cacheUses = new CounterSeries(metricTable.modgate_cache_total.labels);
  readonly #tries = new CounterSeries(metricTable.modgate_upstream_tries_total.labels);
  readonly #securityEvents = new CounterSeries(metricTable.modgate_security_events_total.labels);
  readonly #requestSeconds = new HistogramSeries(
    "modgate_request_seconds",
    metricTable.modgate_request_seconds.labels,
    requestBounds,
  );
  readonly #upstreamSeconds = new HistogramSeries(
    "modgate_upstream_seconds",
    metricTable.modgate_upstream_seconds.labels,
    upstreamBounds,
  );

  readonly #lastCells = new Map<string, ExchangeCells>();

  constructor(sources: MetricSources) {
    this.#sources = sources;
    collectDefaultMetrics({ register: this.#process });
  }

  record(exchange: Exchange): void {
    const cells = this.#cellsOf(exchange);
    cells.requests.count++;
    cells.sentBytes.count += exchange.bytesSent;
    cells.cacheUses.count++;
    this.#requestSeconds.add(cells.seconds, exchange.tookMs / 1000);
    for (const one of exchange.tries) {
      this.#tries.add(1, one.upstream, one.outcome);
      if (one.outcome !== "skipped") this.#upstreamSeconds.observe(one.tookMs / 1000, one.upstream, one.outcome);
    }
  }

  countSecurityEvent(kind: SecurityEvent["kind"]): void {
    this.#securityEvents.add(1, kind);
  }

  /** Most requests are like the one before: its cells are found again without looking their labels up. */
  #cellsOf(exchange: Exchange): ExchangeCells {
    const { endpoint, verdict, cache } = exchange;
    const upstream = exchange.upstream ?? "none";
    const last = this.#lastCells.get(endpoint);
    if (last && last.verdict === verdict && last.upstream === upstream && last.cache === cache) return last;
    const cells = {
      verdict,
      upstream,
      cache,
      requests: this.#requests.at(endpoint, verdict, upstream),
      sentBytes: this.#sentBytes.at(endpoint),
      cacheUses: this.#cacheUses.at(cache),
      seconds: this.#requestSeconds.at(endpoint),
    };
    this.#lastCells.set(endpoint, cells);
    return cells;
  }

  /** Everything that this process has counted so far. */
  async snapshot(): Promise<MetricSnapshot[]> {
    const store = this.#sources.storeStats();
    const breakers = this.#sources.health().map(({ upstream, breaker }) => ({
      labels: { upstream },
      value: breakerValues[breaker],
    }));
    return [
      metric("modgate_requests_total", this.#requests.values()),
      metric("modgate_request_seconds", this.#requestSeconds.values()),
      metric("modgate_sent_bytes_total", this.#sentBytes.values()),
      metric("modgate_cache_total", this.#cacheUses.values()),
      metric("modgate_upstream_seconds", this.#upstreamSeconds.values()),
      metric("modgate_upstream_tries_total", this.#tries.values()),
      metric("modgate_security_events_total", this.#securityEvents.values()),
      metric("modgate_breaker_state", breakers),
      metric("modgate_in_flight", [{ labels: {}, value: this.#sources.inFlight() }]),
      metric("modgate_store_bytes", [{ labels: {}, value: store.bytes }]),
      metric("modgate_store_files", [{ labels: {}, value: store.files }]),
      ...(await this.#process.getMetricsAsJSON()).map(({ name, help, type, aggregator, values }) => {
        return { name, help, type: String(type), aggregator, values };
      }),
    ];
  }
}

function metric(name: MetricName, values: readonly MetricValue[]): MetricSnapshot {
  const { help, type, aggregator } = metricTable[name];
  return { name, help, type, aggregator, values };
}
