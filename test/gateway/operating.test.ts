import assert from "node:assert/strict";
import { test } from "node:test";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { cli } from "../testkit/run-cli.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

interface Wanted {
  readonly path: string;
  readonly endpoint: string;
  readonly verdict: string;
  readonly status: number;
  readonly cache: string;
  readonly upstream: string | null;
  readonly method?: string;
}

const stem = "/example.com/a/@v/v1.2.0";
const wanted: readonly Wanted[] = [
  { path: `${stem}.info`, endpoint: "info", verdict: "ok", status: 200, cache: "miss", upstream: "P1" },
  { path: `${stem}.info`, endpoint: "info", verdict: "ok", status: 200, cache: "hit", upstream: "P1" },
  { path: `${stem}.mod`, endpoint: "mod", verdict: "ok", status: 200, cache: "miss", upstream: "P2" },
  { path: "/example.com/a/@v/main.info", endpoint: "query", verdict: "ok", status: 200, cache: "miss", upstream: "P1" },
  {
    path: "/example.com/none/@v/list",
    endpoint: "list",
    verdict: "absent",
    status: 404,
    cache: "miss",
    upstream: "P2",
  },
  { path: "/example.com/none/@v/list", endpoint: "list", verdict: "absent", status: 404, cache: "hit", upstream: null },
  {
    path: "/denied.example/a/@latest",
    endpoint: "latest",
    verdict: "denied",
    status: 403,
    cache: "none",
    upstream: null,
  },
  {
    path: "/example.com/down/@v/list",
    endpoint: "list",
    verdict: "unreachable",
    status: 502,
    cache: "miss",
    upstream: "P1",
  },
  {
    path: "/example.com/page/@v/list",
    endpoint: "list",
    verdict: "damaged",
    status: 502,
    cache: "miss",
    upstream: "P1",
  },
  { path: "/Example.com/a/@v/list", endpoint: "other", verdict: "invalid", status: 400, cache: "none", upstream: null },
  {
    path: `${stem}.zip`,
    method: "PUT",
    endpoint: "other",
    verdict: "invalid",
    status: 405,
    cache: "none",
    upstream: null,
  },
  { path: `/cached-only${stem}.zip`, endpoint: "zip", verdict: "absent", status: 404, cache: "none", upstream: null },
];

test("each request has one line in the access log and one count by endpoint, verdict and upstream", async () => {
  const tree = await smallGraph();
  await using first = await UpstreamServer.start({ tree });
  await using second = await UpstreamServer.start({ tree });
  first.fail({ match: "*.mod", fault: { kind: "status", status: 404 } });
  first.fail({ match: "*/down/*", fault: { kind: "reset" } });
  first.fail({ match: "*/page/*", fault: { kind: "body", body: "<html>", contentType: "text/html" } });
  const plain = { retry: { attempts: 1 }, breaker: { failures: 1000 } };
  await using modgate = await ModgateProcess.start({
    config: {
      upstream: "P1,P2",
      upstreams: { P1: { url: first.url, ...plain }, P2: { url: second.url, ...plain } },
      rules: [{ pattern: "denied.example", action: "deny", reason: "not here" }],
    },
  });
  const counts = new Map<string, number>();
  for (const [index, row] of wanted.entries()) {
    const { path, method = "GET", ...rest } = row;
    const requestId = `row-${index}`;
    const answer = await httpGet(modgate.url, path, { method, headers: { "x-request-id": requestId } });
    const line = await modgate.logLine((candidate) => candidate["requestId"] === requestId);
    const { endpoint, verdict, status, cache, upstream } = line;
    assert.deepEqual({ endpoint, verdict, status, cache, upstream }, rest, path);
    assert.equal(line["bytes"], answer.body.length, path);
    for (const name of ["tenant", "module", "version", "ms"]) assert.ok(name in line, name);
    const label = `endpoint="${row.endpoint}",verdict="${row.verdict}",upstream="${row.upstream ?? "none"}"`;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  assert.equal(
    modgate.accessLog.filter((line) => "requestId" in line).length,
    wanted.length,
    "one line each, and no more",
  );
  const metrics = (await httpGet(modgate.url, "/metrics")).body.toString();
  const counted = metrics.match(/^modgate_requests_total\{.*$/gm) ?? [];
  assert.deepEqual(
    counted.sort(),
    [...counts].map(([label, count]) => `modgate_requests_total{${label}} ${count}`).sort(),
  );
  for (const name of [
    "modgate_cache_total",
    "modgate_upstream_seconds_bucket",
    "modgate_breaker_state",
    "modgate_in_flight",
    "modgate_store_bytes",
  ])
    assert.match(metrics, new RegExp(`^${name}(\\{| )`, "m"));
});

test("/healthz is alive whatever happens; /readyz tells the cache from the upstreams", async () => {
  const upstream = await UpstreamServer.start({ tree: await smallGraph() });
  await using modgate = await ModgateProcess.start({
    config: {
      upstream: "P1",
      upstreams: { P1: { url: upstream.url, retry: { attempts: 1 }, breaker: { failures: 1, openFor: "1h" } } },
    },
  });
  const ready = async (query = ""): Promise<{ status: number; cache: unknown; upstreams: unknown }> => {
    const { status, body } = await httpGet(modgate.url, `/readyz${query}`);
    const { cache, upstreams } = JSON.parse(body.toString()) as { cache: { ok: boolean }; upstreams: { ok: boolean } };
    return { status, cache: cache.ok, upstreams: upstreams.ok };
  };
  assert.equal((await httpGet(modgate.url, `${stem}.info`)).status, 200);
  assert.deepEqual(await ready(), { status: 200, cache: true, upstreams: true });
  await upstream[Symbol.asyncDispose]();
  const down = await httpGet(modgate.url, `${stem}.mod`);
  assert.equal(down.status, 502);
  assert.match(down.headers["retry-after"] ?? "", /^\d+$/);
  assert.deepEqual(await ready(), { status: 200, cache: true, upstreams: false }, "the cache serves on");
  assert.equal((await ready("?part=upstreams")).status, 503);
  assert.equal((await httpGet(modgate.url, `${stem}.info`)).status, 200);
  assert.deepEqual((await httpGet(modgate.url, "/healthz")).body.toString(), "ok\n");
  const open = await httpGet(modgate.url, `${stem}.zip`);
  assert.deepEqual([open.status, Number(open.headers["retry-after"]) > 3000], [503, true], "the breaker says when");
});

test("modgate explain shows the rule, the route, each try and the age of what is cached", async () => {
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  upstream.fail({ match: "*/a/*.info", times: 1, fault: { kind: "status", status: 503 } });
  const plain = { retry: { attempts: 2, backoff: "1ms" }, breaker: { failures: 1000 } };
  await using modgate = await ModgateProcess.start({
    config: {
      upstream: "P1",
      upstreams: { P1: { url: upstream.url, ...plain }, spare: { url: "http://127.0.0.1:9" } },
      rules: [{ pattern: "example.com/*", action: "allow", reason: "cleared", upstreams: ["P1"] }],
    },
  });
  for (const kind of ["info", "mod"]) await httpGet(modgate.url, `${stem}.${kind}`);
  await using place = await cli();
  const { stdout, exitCode } = await place.run(["explain", "example.com/a@v1.2.0", "--gateway", modgate.url, "--json"]);
  assert.equal(exitCode, 0);
  const { data } = JSON.parse(stdout) as { data: Record<string, never> };
  const { decision, chain, cache, requests } = data as unknown as {
    decision: { action: string; rule: string; upstreams: string[] };
    chain: { upstream: string; breaker: string }[];
    cache: { key: string; cached: boolean; ageSeconds: number | null; upstream: string | null }[];
    requests: { endpoint: string; tries: { upstream: string; attempt: number; outcome: string; status: number }[] }[];
  };
  assert.equal(decision.action, "allow");
  assert.match(decision.rule, /modgate\.yaml:\d+$/);
  assert.deepEqual(decision.upstreams, ["P1"]);
  assert.deepEqual(chain.map(({ upstream: name, breaker }) => `${name} ${breaker}`).sort(), [
    "P1 closed",
    "spare closed",
  ]);
  const files = cache.map(({ key, cached, ageSeconds, upstream: from }) => [
    key,
    cached,
    ageSeconds !== null && ageSeconds < 60,
    from,
  ]);
  assert.deepEqual(files, [
    ["example.com/a/@v/list", false, false, null],
    ["example.com/a/@v/v1.2.0.info", true, true, "P1"],
    ["example.com/a/@v/v1.2.0.mod", true, true, "P1"],
    ["example.com/a/@v/v1.2.0.zip", false, false, null],
  ]);
  assert.deepEqual(
    requests.map(({ endpoint, tries }) => [
      endpoint,
      tries.map((one) => `${one.attempt} ${one.outcome} ${one.status}`),
    ]),
    [
      ["mod", ["1 found 200"]],
      ["info", ["1 unreachable 503", "2 found 200"]],
    ],
  );
});
