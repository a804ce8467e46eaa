import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { type BenchAnswer, type GatewayBench, gatewayBench } from "../../test/testkit/gateway-bench.ts";
import { smallGraph } from "../../test/testkit/small-graph.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";
import type { StagedFile } from "../ports/store.ts";
import { MemoryStore } from "../store/memory-store.ts";

const list = "/example.com/a/@v/list";
const cache = { ttl: "1m", staleWhileRevalidate: "10m", maxStale: "2h", negativeTtl: "10s" };
const minute = 60_000;
const tree = await smallGraph();

interface Stage extends AsyncDisposable {
  readonly upstream: UpstreamServer;
  readonly bench: GatewayBench;
}

/** A bench over one upstream with the list of example.com/a in the cache, asked for once. */
async function withList(): Promise<Stage> {
  const upstream = await UpstreamServer.start({ tree });
  const bench = await gatewayBench({ upstream: upstream.url, cache });
  assert.equal((await bench.get(list)).status, 200);
  await bench.idle();
  upstream.requests.length = 0;
  return {
    upstream,
    bench,
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const shown = ({ status, artifact, exchange }: BenchAnswer): unknown[] => [
  status,
  exchange.cache,
  artifact?.ageSeconds ?? null,
  artifact?.stale ?? null,
];

test("obtain serves a list unasked within its ttl, and says its age", async () => {
  await using stage = await withList();
  await stage.bench.clock.advance(minute);
  assert.deepEqual(shown(await stage.bench.get(list)), [200, "hit", 60, false]);
  assert.equal(stage.upstream.requests.length, 0);
});

test("obtain serves a list past its ttl at once and asks anew behind it, by ETag", async () => {
  await using stage = await withList();
  const { bench, upstream } = stage;
  await bench.clock.advance(2 * minute);
  assert.deepEqual(shown(await bench.get(list)), [200, "stale", 120, false]);
  await bench.idle();
  assert.deepEqual(
    upstream.requests.map(({ path, headers }) => [path, headers["if-none-match"] !== undefined]),
    [[list, true]],
  );
  assert.deepEqual(shown(await bench.get(list)), [200, "hit", 0, false], "304 made the copy fresh");
  assert.equal(upstream.requests.length, 1);
});

test("obtain serves a list's new content once it was asked behind", async () => {
  await using stage = await withList();
  const { bench, upstream } = stage;
  upstream.tree = await smallGraph([{ path: "example.com/a", version: "v1.9.0" }]);
  await bench.clock.advance(2 * minute);
  assert.doesNotMatch((await bench.get(list)).body, /v1\.9\.0/);
  await bench.idle();
  assert.match((await bench.get(list)).body, /v1\.9\.0/);
});

test("obtain asks first once stale-while-revalidate is over, and a 304 revalidates", async () => {
  await using stage = await withList();
  const { bench, upstream } = stage;
  await bench.clock.advance(12 * minute);
  assert.deepEqual(shown(await bench.get(list)), [200, "revalidated", 0, false]);
  assert.equal(upstream.requests.length, 1);
});

for (const [name, fault] of [
  ["an outage", { kind: "status", status: 503 }],
  ["a reset connection", { kind: "reset" }],
  ["a login page", { kind: "body", body: "<html>login</html>", contentType: "text/html" }],
] as const) {
  test(`obtain serves an old list over ${name}, marked stale, until maxStale`, async () => {
    await using stage = await withList();
    const { bench, upstream } = stage;
    upstream.fail({ match: "*", fault });
    await bench.clock.advance(12 * minute);
    const served = await bench.get(list);
    assert.deepEqual(shown(served), [200, "stale", 720, true]);
    assert.notEqual(served.exchange.problem, null, "what went wrong is in the record");
    await bench.clock.advance(120 * minute);
    const refused = await bench.get(list);
    assert.equal(refused.artifact, null);
    assert.ok(refused.exchange.verdict === "unreachable" || refused.exchange.verdict === "damaged");
  });
}

for (const [status, verdict] of [
  [404, "absent"],
  [410, "absent"],
  [403, "denied"],
] as const) {
  test(`obtain never serves an old list over a real ${status}, learnt when asked or behind`, async () => {
    for (const waitMinutes of [12, 2]) {
      await using stage = await withList();
      const { bench, upstream } = stage;
      const mend = upstream.fail({ match: "*", fault: { kind: "status", status } });
      await bench.clock.advance(waitMinutes * minute);
      const first = await bench.get(list);
      await bench.idle();
      if (waitMinutes === 12) assert.equal(first.exchange.verdict, verdict);
      const second = await bench.get(list);
      assert.equal(second.exchange.verdict, verdict, `${waitMinutes} minutes: the copy is refuted`);
      assert.equal(second.status, verdict === "absent" ? 410 : 403);

      mend();
      const down = upstream.fail({ match: "*", fault: { kind: "reset" } });
      await bench.clock.advance(minute);
      assert.equal((await bench.get(list)).exchange.verdict, "unreachable", "an outage does not make it good again");

      down();
      await bench.clock.advance(minute);
      assert.equal((await bench.get(list)).status, 200, "an upstream that has it again does");
      await bench.idle();
      assert.equal((await bench.get(list)).exchange.cache, "hit");
    }
  });
}

test("obtain remembers absence for negativeTtl, and nothing else", async () => {
  await using upstream = await UpstreamServer.start({ tree });
  await using bench = await gatewayBench({ upstream: upstream.url, cache });
  const none = "/example.com/none/@v/v1.0.0.info";
  for (const _ of [1, 2]) assert.equal((await bench.get(none)).status, 404);
  assert.equal(upstream.hits(none), 1, "over https go sends each of them twice");
  await bench.clock.advance(11_000);
  await bench.get(none);
  assert.equal(upstream.hits(none), 2);
  upstream.fail({ match: "*/b/*", fault: { kind: "status", status: 403 } });
  upstream.fail({ match: "*/c/*", fault: { kind: "status", status: 500 } });
  for (const _ of [1, 2]) {
    await bench.get("/example.com/b/@v/list");
    await bench.get("/example.com/c/@v/list");
  }
  assert.equal(upstream.hits("*/b/*"), 2);
  assert.equal(upstream.hits("*/c/*"), 2);
});

test("obtain answers 410 for a version that it served once and every upstream now proves absent", async () => {
  await using upstream = await UpstreamServer.start({ tree });
  await using other = await UpstreamServer.start();
  await using bench = await gatewayBench({ upstream: `${upstream.url},${other.url}`, cache });
  const info = "/example.com/b/@v/v1.1.0.info";
  assert.equal((await bench.get(info)).status, 200);
  await bench.idle();
  await bench.store.remove(info.slice(1));
  upstream.fail({ match: "*", fault: { kind: "status", status: 404 } });
  const gone = await bench.get(info);
  assert.deepEqual([gone.status, gone.exchange.verdict, gone.problem?.code], [410, "absent", "MODULE_GONE"]);
  assert.equal(gone.problem?.tried.length, 2, "both upstreams were asked");
  assert.equal((await bench.get("/example.com/b/@v/v9.9.9.info")).status, 404, "never served: 404");
  upstream.reset();
  other.fail({ match: "*", fault: { kind: "status", status: 500 } });
  upstream.fail({ match: "*", fault: { kind: "status", status: 404 } });
  await bench.clock.advance(minute);
  assert.equal((await bench.get(info)).exchange.verdict, "unreachable", "one outage leaves the question open");
});

test("obtain serves a list that an import brought over an outage, as stale", async () => {
  await using upstream = await UpstreamServer.start({ tree });
  await using bench = await gatewayBench({ upstream: upstream.url, cache });
  const staged = await bench.store.stage(list.slice(1));
  await staged.write(Buffer.from("v0.0.1\n"));
  await staged.commit();
  await bench.clock.advance(minute);
  upstream.fail({ match: "*", fault: { kind: "reset" }, times: 1 });
  assert.deepEqual(shown(await bench.get(list)), [200, "stale", 60, true]);
  assert.match((await bench.get(list)).body, /v1\.3\.0/, "and asks first, because nobody ever confirmed it");
});

test("serve ends as CLIENT_GONE where the client leaves, and the fetch goes on", async () => {
  await using upstream = await UpstreamServer.start({ tree });
  await using bench = await gatewayBench({ upstream: upstream.url, cache });
  const gate = upstream.hold("*");
  const leaving = new AbortController();
  const asked = bench.get(list, {}, leaving.signal);
  await gate.arrived();
  leaving.abort(new Error("gone"));
  const { problem, exchange } = await asked;
  assert.deepEqual([problem?.code, exchange.verdict], ["CLIENT_GONE", "invalid"]);
  gate.release();
  await bench.idle();
  assert.equal((await bench.get(list)).exchange.cache, "hit");
});

/** Keeps nothing before the test says so, as a disk under load does. */
class SlowStore extends MemoryStore {
  readonly gate = Promise.withResolvers<void>();

  override async stage(key: string): Promise<StagedFile> {
    const staged = await super.stage(key);
    const commit = staged.commit.bind(staged);
    return Object.assign(staged, { commit: () => this.gate.promise.then(commit) });
  }
}

test("obtain serves what is checked but not yet on the disk to all, also those who ask for the cache alone", async () => {
  await using upstream = await UpstreamServer.start({ tree });
  const clock = new FakeClock();
  const store = new SlowStore(clock);
  await using bench = await gatewayBench({ upstream: upstream.url, cache }, { clock, store });
  const path = "/example.com/a/@v/v1.0.0.mod";
  const gate = upstream.hold("*");
  const asked = bench.get(path);
  await gate.arrived();
  assert.equal((await bench.get(`/cached-only${path}`)).status, 404, "nothing is here yet");
  gate.release();
  assert.equal((await asked).status, 200);
  assert.equal(store.peek(path.slice(1)), undefined);
  assert.equal((await bench.get(`/cached-only${path}`)).status, 200);
  assert.equal((await bench.get(path)).exchange.cache, "hit");
  assert.deepEqual(
    store.seenSince(0, 10).map(({ version }) => version),
    ["v1.0.0"],
    "/index has it",
  );
  assert.equal(upstream.requests.length, 1);
  store.gate.resolve();
});
