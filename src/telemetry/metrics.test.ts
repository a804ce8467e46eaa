import assert from "node:assert/strict";
import { test } from "node:test";
import { someExchange, someTry } from "../../test/testkit/some-exchange.ts";
import type { UpstreamHealth } from "../ports/upstream.ts";
import { metricTable } from "./metric-table.ts";
import { Metrics, type MetricSources } from "./metrics.ts";
import { metricsMarkdown } from "./metrics-docs.ts";
import { metricsPage } from "./metrics-page.ts";

const healthOf = (upstream: string, breaker: UpstreamHealth["breaker"]): UpstreamHealth => ({
  upstream,
  breaker,
  host: "proxy.test",
  lastOkAtMs: null,
  lastFailure: null,
});
const sources: MetricSources = {
  inFlight: () => 3,
  storeStats: () => ({ bytes: 500, files: 6 }),
  health: () => [healthOf("proxy", "open"), healthOf("second", "half-open"), healthOf("third", "closed")],
};

/** The samples of a page by name and labels, without comments. */
function samplesOf(text: string): Map<string, string> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]));
}

function filled(): Metrics {
  const metrics = new Metrics(sources);
  metrics.record(someExchange({ tookMs: 3 }));
  metrics.record(someExchange({ tookMs: 40 }));
  metrics.record(someExchange({ tookMs: 900_000, cache: "none", verdict: "denied", upstream: null, bytesSent: 7 }));
  const tries = [
    someTry({ outcome: "unreachable", tookMs: 700 }),
    someTry({ upstream: "second", outcome: "skipped", tookMs: 0 }),
    someTry({ upstream: "third", tookMs: 30 }),
  ];
  metrics.countSecurityEvent("mismatch");
  metrics.record(someExchange({ endpoint: "zip", cache: "miss", upstream: "third", tries, tookMs: 800 }));
  return metrics;
}

test("Metrics.record counts each exchange once under its labels", async () => {
  const page = await metricsPage([await filled().snapshot()]);
  assert.match(page.contentType, /^text\/plain; version=0\.0\.4/);
  const samples = samplesOf(page.text);
  const wants: [string, number][] = [
    ['modgate_requests_total{endpoint="info",verdict="ok",upstream="proxy"}', 2],
    ['modgate_requests_total{endpoint="info",verdict="denied",upstream="none"}', 1],
    ['modgate_requests_total{endpoint="zip",verdict="ok",upstream="third"}', 1],
    ['modgate_cache_total{use="hit"}', 2],
    ['modgate_cache_total{use="none"}', 1],
    ['modgate_sent_bytes_total{endpoint="info"}', 253],
    ['modgate_request_seconds_bucket{le="0.0025",endpoint="info"}', 0],
    ['modgate_request_seconds_bucket{le="0.005",endpoint="info"}', 1],
    ['modgate_request_seconds_bucket{le="0.05",endpoint="info"}', 2],
    ['modgate_request_seconds_bucket{le="120",endpoint="info"}', 2],
    ['modgate_request_seconds_bucket{le="+Inf",endpoint="info"}', 3],
    ['modgate_request_seconds_count{endpoint="info"}', 3],
    ['modgate_request_seconds_sum{endpoint="info"}', 900.043],
    ['modgate_upstream_tries_total{upstream="second",outcome="skipped"}', 1],
    ['modgate_upstream_seconds_bucket{le="0.5",upstream="proxy",outcome="unreachable"}', 0],
    ['modgate_upstream_seconds_bucket{le="1",upstream="proxy",outcome="unreachable"}', 1],
    ['modgate_upstream_seconds_count{upstream="third",outcome="found"}', 1],
    ['modgate_breaker_state{upstream="proxy"}', 2],
    ['modgate_breaker_state{upstream="second"}', 1],
    ['modgate_breaker_state{upstream="third"}', 0],
    ["modgate_in_flight", 3],
    ["modgate_store_bytes", 500],
    ["modgate_store_files", 6],
  ];
  for (const [name, want] of wants) assert.equal(Number(samples.get(name)), want, name);
  assert.ok(![...samples.keys()].some((name) => name.includes('upstream="second"') && name.includes("seconds")));
  assert.ok(Number(samples.get("process_resident_memory_bytes")) > 0);
  assert.ok(Number(samples.get("process_start_time_seconds")) > 1e9);
});

test("metricsPage sums what processes count and not what they share", async () => {
  const snapshot = await filled().snapshot();
  const sent: typeof snapshot = JSON.parse(JSON.stringify(snapshot));
  const samples = samplesOf((await metricsPage([snapshot, sent, sent])).text);
  const wants: [string, number][] = [
    ['modgate_requests_total{endpoint="info",verdict="ok",upstream="proxy"}', 6],
    ['modgate_request_seconds_bucket{le="0.05",endpoint="info"}', 6],
    ['modgate_upstream_seconds_count{upstream="third",outcome="found"}', 3],
    ["modgate_in_flight", 9],
    ["modgate_store_bytes", 500],
    ['modgate_breaker_state{upstream="proxy"}', 2],
  ];
  for (const [name, want] of wants) assert.equal(Number(samples.get(name)), want, name);
});

test("metricTable names every modgate metric with its labels and a true example", async () => {
  const snapshot = await filled().snapshot();
  const own = snapshot.filter((metric) => metric.name.startsWith("modgate_"));
  assert.deepEqual(own.map((metric) => metric.name).sort(), Object.keys(metricTable).sort());
  const samples = samplesOf((await metricsPage([snapshot])).text);
  for (const [name, row] of Object.entries(metricTable)) {
    const labelsOf = (sample: string): string[] => [...sample.matchAll(/(\w+)="/g)].map((match) => match[1] ?? "");
    const want = row.type === "histogram" ? ["le", ...row.labels] : [...row.labels];
    assert.deepEqual(labelsOf(row.example), want, name);
    const sampleName = row.example.replace(/\{.*/, "");
    assert.ok(sampleName === name || sampleName === `${name}_bucket`, row.example);
    const served = [...samples.keys()].find((sample) => sample.replace(/\{.*/, "") === sampleName);
    assert.deepEqual(labelsOf(served ?? ""), want, `${name} as served`);
  }
});

test("metricsMarkdown has a row for every metric and no broken table", () => {
  const text = metricsMarkdown();
  for (const name of Object.keys(metricTable)) assert.match(text, new RegExp(`^\\| \`${name}\` \\|`, "m"));
  const cells = text.split("\n").filter((line) => line.startsWith("|"));
  const widths = new Set(cells.map((line) => line.replaceAll("\\|", "").split("|").length));
  assert.deepEqual([...widths].sort(), [4, 7]);
});
