import assert from "node:assert/strict";
import { test } from "node:test";
import { gatewayBench } from "../../test/testkit/gateway-bench.ts";
import { C1, C2, smallGraph } from "../../test/testkit/small-graph.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";
import { MemoryStore } from "../store/memory-store.ts";

const tree = await smallGraph();

/** A store that holds these files, fetched through a gateway that was online. */
async function storeWith(...paths: readonly string[]): Promise<{ store: MemoryStore; clock: FakeClock }> {
  const clock = new FakeClock();
  const store = new MemoryStore(clock);
  await using upstream = await UpstreamServer.start({ tree });
  await using bench = await gatewayBench({ upstream: upstream.url }, { clock, store });
  for (const path of paths) assert.equal((await bench.get(path)).status, 200, path);
  await bench.idle();
  return { store, clock };
}

const files = (module: string, version: string, ...kinds: readonly string[]): string[] =>
  (kinds.length > 0 ? kinds : ["info", "mod", "zip"]).map((kind) => `/example.com/${module}/@v/${version}.${kind}`);

test("answerFromCacheAlone lists offline what is really here, whatever the kept list says", async () => {
  const { store, clock } = await storeWith(
    "/example.com/a/@v/list",
    "/example.com/a/@latest",
    ...files("a", "v1.2.0"),
    ...files("a", "v1.0.0"),
    ...files("a", "v1.3.0", "info", "mod"),
  );
  await using bench = await gatewayBench({ upstream: "http://127.0.0.1:9", network: "offline" }, { clock, store });
  assert.equal((await bench.get("/example.com/a/@v/list")).body, "v1.0.0\nv1.2.0\n", "v1.3.0 has no zip here");
  for (const path of ["/example.com/a/@latest", "/example.com/a/@v/latest.info"])
    assert.match((await bench.get(path)).body, /"Version":"v1\.2\.0"/, path);
  const { artifact } = await bench.get("/example.com/a/@v/list");
  await clock.advance(5000);
  assert.equal((await bench.get("/example.com/a/@v/list")).artifact?.file.etag, artifact?.file.etag);
});

test("answerFromCacheAlone falls back offline to versions without a zip where no version has one", async () => {
  const { store, clock } = await storeWith(...files("b", "v1.0.0", "info", "mod"));
  await using bench = await gatewayBench({ upstream: "http://127.0.0.1:9", network: "offline" }, { clock, store });
  assert.equal((await bench.get("/example.com/b/@v/list")).body, "v1.0.0\n");
});

test("answerFromCacheAlone gives offline an empty list and the newest pseudo-version where there is no tag", async () => {
  const { store, clock } = await storeWith(...files("c", C1), ...files("c", C2));
  await using bench = await gatewayBench({ upstream: "http://127.0.0.1:9", network: "offline" }, { clock, store });
  const list = await bench.get("/example.com/c/@v/list");
  assert.deepEqual([list.status, list.body], [200, ""]);
  assert.match((await bench.get("/example.com/c/@latest")).body, new RegExp(C2));
});

test("answerFromCacheAlone says NOT_IN_CACHE for everything else, and asks nobody", async () => {
  await using upstream = await UpstreamServer.start({ tree });
  await using bench = await gatewayBench({ upstream: upstream.url, network: "offline" });
  for (const path of [
    "/example.com/a/@v/list",
    "/example.com/a/@latest",
    ...files("a", "v1.0.0"),
    "/example.com/a/@v/main.info",
  ]) {
    const { status, problem, exchange } = await bench.get(path);
    assert.deepEqual([status, problem?.code, exchange.verdict], [404, "NOT_IN_CACHE", "absent"], path);
    assert.match(problem?.message ?? "", /network: offline/);
  }
  assert.equal(upstream.requests.length, 0);
});

test("answerFromCacheAlone gives a kept list as it is to those who ask for the cache alone online", async () => {
  await using upstream = await UpstreamServer.start({ tree });
  await using bench = await gatewayBench({ upstream: upstream.url });
  const path = "/example.com/a/@v/list";
  assert.equal((await bench.get(`/cached-only${path}`)).status, 404);
  const { body } = await bench.get(path);
  await bench.idle();
  await bench.clock.advance(24 * 3_600_000);
  upstream.requests.length = 0;
  for (const answer of [
    await bench.get(`/cached-only${path}`),
    await bench.get(path, { "disable-module-fetch": "true" }),
  ]) {
    assert.equal(answer.body, body);
    assert.equal(answer.artifact?.ageSeconds, 24 * 3600);
  }
  assert.equal((await bench.get(path, { "disable-module-fetch": "maybe" })).status, 400);
  assert.equal(upstream.requests.length, 0);
});
