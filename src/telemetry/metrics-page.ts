import { AggregatorRegistry, Registry } from "prom-client";
import type { MetricSnapshot } from "./metrics.ts";

/** The answer to a scrape. */
export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

/**
 * The metrics of one or several processes as one page of the Prometheus text format: counters and histograms are
 * summed, gauges of what all processes share are not.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export async function metricsPage(snapshots: readonly (readonly MetricSnapshot[])[]): Promise<MetricsPage> {
  const prepared = snapshots.length === 1 ? snapshots.map((one) => one.map(keepAlone)) : [...snapshots];
  const text = await AggregatorRegistry.aggregate(prepared).metrics();
  return { contentType: Registry.PROMETHEUS_CONTENT_TYPE, text };
}

// What makes no sense summed, such as the start time, is shown where there is one process.
function keepAlone(metric: MetricSnapshot): MetricSnapshot {
  return metric.aggregator === "omit" ? { ...metric, aggregator: "first" } : metric;
}
