import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type GatewayBench, gatewayBench } from "../../test/testkit/gateway-bench.ts";
import { smallGraph } from "../../test/testkit/small-graph.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";

const info = "/example.com/a/@v/v1.3.0.info";
const mod = "/example.com/a/@v/v1.3.0.mod";
const settings = { confirm: { patterns: ["example.com/a"], every: "30s" }, cache: { negativeTtl: "10s" } };
const tree = await smallGraph();
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Brings both files into the cache, and forgets the requests that it cost. */
async function fill(bench: GatewayBench, upstream: UpstreamServer): Promise<void> {
  for (const path of [info, mod]) assert.equal((await bench.get(path)).status, 200);
  await bench.idle();
  upstream.requests.length = 0;
}

test("Confirmer asks at most once in every, by ETag, and says so", async () => {
  await using upstream = await UpstreamServer.start({ tree });
  await using bench = await gatewayBench({ upstream: upstream.url, ...settings });
  await fill(bench, upstream);
  assert.equal((await bench.get(info)).exchange.cache, "hit", "it was confirmed when it was fetched");
  await bench.clock.advance(31_000);
  const { status, exchange } = await bench.get(info);
  assert.deepEqual(
    [status, exchange.cache, exchange.upstream],
    [200, "revalidated", bench.config.chain[0]?.upstream.name],
  );
  assert.deepEqual(
    exchange.tries.map(({ outcome }) => outcome),
    ["unchanged"],
  );
  await bench.clock.advance(29_000);
  assert.equal((await bench.get(info)).exchange.cache, "hit");
  assert.equal(upstream.requests.length, 1);
});

test("Confirmer takes the same bytes without an ETag for the same", async () => {
  await using upstream = await UpstreamServer.start({ tree, etags: false });
  await using bench = await gatewayBench({ upstream: upstream.url, ...settings });
  await fill(bench, upstream);
  await bench.clock.advance(31_000);
  const { status, exchange } = await bench.get(mod);
  assert.deepEqual([status, exchange.cache, upstream.requests.length], [200, "revalidated", 1]);
});

test("Confirmer asks nothing about other modules, zips and those who ask for the cache alone", async () => {
  await using upstream = await UpstreamServer.start({ tree });
  await using bench = await gatewayBench({ upstream: upstream.url, ...settings });
  const unasked = ["/example.com/b/@v/v1.1.0.mod", "/example.com/a/@v/v1.3.0.zip"];
  for (const path of unasked) await bench.get(path);
  await fill(bench, upstream);
  await bench.clock.advance(31_000);
  for (const path of [...unasked, `/cached-only${mod}`]) assert.equal((await bench.get(path)).status, 200, path);
  assert.equal((await bench.get(mod, { "disable-module-fetch": "true" })).status, 200);
  assert.equal(upstream.requests.length, 0);
});

for (const [status, wanted] of [
  [404, { status: 410, code: "MODULE_GONE", verdict: "absent" }],
  [410, { status: 410, code: "MODULE_GONE", verdict: "absent" }],
  [403, { status: 403, code: "UPSTREAM_DENIED", verdict: "denied" }],
  [500, { status: 502, code: "UPSTREAM_UNREACHABLE", verdict: "unreachable" }],
] as const) {
  test(`Confirmer passes ${status} on instead of serving the copy`, async () => {
    await using upstream = await UpstreamServer.start({ tree });
    await using bench = await gatewayBench({ upstream: upstream.url, ...settings });
    await fill(bench, upstream);
    await bench.clock.advance(31_000);
    upstream.fail({ match: "*", fault: { kind: "status", status } });
    const answer = await bench.get(info);
    assert.deepEqual({ status: answer.status, code: answer.problem?.code, verdict: answer.exchange.verdict }, wanted);
    const asked = upstream.requests.length;
    await bench.get(info);
    assert.equal(upstream.requests.length, wanted.verdict === "absent" ? asked : asked + 1, "absence is remembered");
    upstream.reset();
    await bench.clock.advance(11_000);
    assert.equal((await bench.get(info)).status, 200, "the copy is still here");
  });
}

test("Confirmer refuses a copy that the upstream now serves with other bytes, and shows both hashes", async () => {
  for (const other of ["module example.com/a\n\ngo 1.22\n", `module example.com/a\n${"// x\n".repeat(100_000)}`]) {
    await using upstream = await UpstreamServer.start({ tree });
    await using bench = await gatewayBench({ upstream: upstream.url, ...settings });
    await fill(bench, upstream);
    await bench.clock.advance(31_000);
    upstream.fail({ match: "*.mod", fault: { kind: "body", body: other } });
    upstream.tree = null;
    const { status, problem, exchange } = await bench.get(mod);
    assert.deepEqual([status, problem?.code, exchange.verdict], [502, "UPSTREAM_DAMAGED", "damaged"]);
    const kept = sha256(tree.get("example.com/a", "v1.3.0").mod);
    assert.equal(problem?.tried[0], `kept here: sha256 ${kept}`);
    assert.equal(problem?.evidence?.["keptSha256"], kept);
    if (other.length < 1000) assert.equal(problem?.tried[1], `served now: sha256 ${sha256(Buffer.from(other))}`);
    assert.equal((await bench.get(`/cached-only${mod}`)).body, tree.get("example.com/a", "v1.3.0").mod.toString());
  }
});

test("50 clients at once cost the upstream one confirmation, and one that leaves cancels nothing", async () => {
  await using upstream = await UpstreamServer.start({ tree });
  await using bench = await gatewayBench({ upstream: upstream.url, ...settings });
  await fill(bench, upstream);
  await bench.clock.advance(31_000);
  const gate = upstream.hold("*");
  const leaving = new AbortController();
  const first = bench.get(info, {}, leaving.signal);
  const others = Array.from({ length: 49 }, () => bench.get(info));
  await gate.arrived();
  leaving.abort(new Error("gone"));
  assert.equal((await first).problem?.code, "CLIENT_GONE");
  gate.release();
  for (const { status, exchange } of await Promise.all(others))
    assert.deepEqual([status, exchange.cache], [200, "shared"]);
  assert.equal(upstream.requests.length, 1);
});

test("a gateway that ends waits for no upstream: fetches and confirmations under way end as SHUTTING_DOWN", async () => {
  await using upstream = await UpstreamServer.start({ tree });
  await using bench = await gatewayBench({ upstream: upstream.url, ...settings });
  await fill(bench, upstream);
  await bench.clock.advance(31_000);
  const gate = upstream.hold("*");
  const asked = [info, "/example.com/b/@v/list"].map((path) => bench.get(path));
  await gate.arrived(2);
  bench.abandon();
  for (const { problem, status } of await Promise.all(asked))
    assert.deepEqual([problem?.code, status], ["SHUTTING_DOWN", 503]);
  await bench.idle();
  gate.release();
});
