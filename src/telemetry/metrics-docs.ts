import { metricTable } from "./metric-table.ts";

/** docs/metrics.md, made from the table of metrics. */
export function metricsMarkdown(): string {
  const rows = Object.entries(metricTable).map(([name, { type, labels, help, example }]) => {
    const shownLabels = labels.map((label) => `\`${label}\``).join(", ") || "–";
    return `| \`${name}\` | ${type} | ${shownLabels} | ${help} | \`${example}\` |`;
  });
  return `# Metrics

\`GET /metrics\` answers in the Prometheus text format. Times are in seconds. With \`--processes N\` any process answers for all of them.

| metric | type | labels | meaning | example |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

Beside them stand the usual metrics of the process: \`process_cpu_seconds_total\`, \`process_resident_memory_bytes\`,
\`process_open_fds\`, \`nodejs_eventloop_lag_p99_seconds\`, \`nodejs_gc_duration_seconds\` and their like.

## Questions and queries

| question | query |
| --- | --- |
| Share of requests that the cache answered | \`sum(rate(modgate_cache_total{use="hit"}[5m])) / sum(rate(modgate_cache_total[5m]))\` |
| Share of requests that failed | \`sum(rate(modgate_requests_total{verdict=~"unreachable\\|damaged"}[5m])) / sum(rate(modgate_requests_total[5m]))\` |
| 99th percentile by endpoint | \`histogram_quantile(0.99, sum by (le, endpoint) (rate(modgate_request_seconds_bucket[5m])))\` |
| Upstreams that fail | \`sum by (upstream) (rate(modgate_upstream_tries_total{outcome=~"unreachable\\|damaged"}[5m])) > 0\` |
| Upstreams that are not asked | \`modgate_breaker_state == 2\` |
`;
}
