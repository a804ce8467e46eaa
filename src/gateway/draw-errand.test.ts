import assert from "node:assert/strict";
import { test } from "node:test";
import { gatewayBench } from "../../test/testkit/gateway-bench.ts";
import { moduleTree } from "../../test/testkit/module-tree.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";

const info = "/example.com/a/@v/v1.0.0.info";
const list = "/example.com/a/@v/list";
const basic = "Basic dXNlcjpwYXNz";
const treeOf = (time: string) => moduleTree([{ path: "example.com/a", version: "v1.0.0", time }]);
const one = await treeOf("2024-01-01T00:00:00Z");
const two = await treeOf("2025-01-01T00:00:00Z");

test("a client's Authorization goes to upstreams with forwardAuthorization alone, and its answers to nobody else", async () => {
  await using plain = await UpstreamServer.start({});
  await using closed = await UpstreamServer.start({ tree: one, authorization: basic });
  await using bench = await gatewayBench({
    upstream: "plain,closed",
    upstreams: { plain: { url: plain.url }, closed: { url: closed.url, forwardAuthorization: true } },
  });
  for (const path of [info, list]) {
    const own = await bench.get(path, { authorization: basic });
    const twin = await bench.get(path, { authorization: basic });
    for (const { status, artifact } of [own, twin])
      assert.deepEqual([status, artifact?.cacheControl], [200, "private, no-store"], path);
    await bench.idle();
    const stranger = await bench.get(path);
    assert.deepEqual([stranger.status, stranger.problem?.code], [403, "UPSTREAM_DENIED"], path);
    const wrong = await bench.get(path, { authorization: "Basic wrong" });
    assert.equal(wrong.exchange.verdict, "denied", path);
    assert.equal(
      (await bench.get(path, { authorization: basic })).exchange.cache,
      "miss",
      "nor is it kept for its owner",
    );
  }
  assert.deepEqual(new Set(plain.requests.map(({ headers }) => headers.authorization)), new Set([undefined]));
  assert.equal(await bench.store.find(info.slice(1)), null);
  assert.equal((await bench.get(`/cached-only${info}`, { authorization: basic })).status, 404);
});

test("absence that one client's credentials proved is not told to others", async () => {
  await using closed = await UpstreamServer.start({ tree: one });
  await using bench = await gatewayBench({
    upstream: "closed",
    upstreams: { closed: { url: closed.url, forwardAuthorization: true } },
  });
  const mend = closed.fail({ match: "*", fault: { kind: "status", status: 404 } });
  assert.equal((await bench.get(info, { authorization: basic })).status, 404);
  mend();
  assert.equal((await bench.get(info)).status, 200);
});

test("an answer that no credentials went into is kept for all, whoever asked", async () => {
  await using open = await UpstreamServer.start({ tree: one });
  await using bench = await gatewayBench({ upstream: open.url });
  const first = await bench.get(info, { authorization: basic });
  assert.match(first.artifact?.cacheControl ?? "", /immutable/);
  await bench.idle();
  assert.equal((await bench.get(info)).exchange.cache, "hit");
  assert.equal(open.requests[0]?.headers.authorization, undefined);
});

test("X-Go-Proxy-Upstream chooses by name or host, is passed on, and its answer replaces nobody's", async () => {
  await using first = await UpstreamServer.start({ tree: one });
  await using second = await UpstreamServer.start({ tree: two });
  await using bench = await gatewayBench({
    upstream: "first,second",
    upstreams: { first: { url: first.url }, second: { url: second.url } },
  });
  for (const path of [info, list]) {
    const chosen = await bench.get(path, { "x-go-proxy-upstream": "SECOND" });
    assert.deepEqual([chosen.status, chosen.artifact?.upstream, chosen.exchange.upstream], [200, "second", "second"]);
    await bench.idle();
    assert.equal(second.requests.at(-1)?.headers["x-go-proxy-upstream"], "SECOND");
    const other = await bench.get(path);
    assert.deepEqual(
      [other.artifact?.upstream, other.exchange.cache],
      ["first", "miss"],
      "a choice is for the chooser alone",
    );
    await bench.idle();
    await bench.get(path, { "x-go-proxy-upstream": "second" });
    await bench.idle();
    assert.deepEqual(
      [(await bench.get(path)).artifact?.upstream, (await bench.get(path)).exchange.cache],
      ["first", "hit"],
    );
  }
  assert.match((await bench.get(info, { "x-go-proxy-upstream": "second" })).body, /2025/);
  assert.equal((await bench.get(info, { "x-go-proxy-upstream": "first" })).exchange.cache, "hit");
});

test("X-Go-Proxy-Upstream that names nobody is 400, and 403 where the rule does not allow it", async () => {
  await using first = await UpstreamServer.start({ tree: one });
  await using second = await UpstreamServer.start({ tree: two });
  await using bench = await gatewayBench({
    upstream: "first,second",
    upstreams: { first: { url: first.url }, second: { url: second.url } },
    rules: [{ pattern: "example.com/*", action: "allow", upstreams: ["first"] }],
  });
  const unknown = await bench.get(info, { "x-go-proxy-upstream": "third" });
  assert.deepEqual([unknown.status, unknown.problem?.code], [400, "UNKNOWN_UPSTREAM"]);
  assert.match(unknown.body, /first, second/);
  const refused = await bench.get(info, { "x-go-proxy-upstream": "second" });
  assert.deepEqual([refused.status, refused.problem?.code], [403, "UPSTREAM_NOT_ALLOWED"]);
  assert.equal((await bench.get(info, { "x-go-proxy-upstream": "first" })).status, 200);
  const passedOn = await bench.get(list, { "x-go-proxy-upstream": "third", via: "1.1 modgate-other" });
  assert.equal(passedOn.status, 200, "a gateway before this one was meant");
  assert.equal(second.requests.length, 0);
});

test("a request that has passed this gateway before is refused as a loop", async () => {
  await using bench = await gatewayBench({ upstream: "http://127.0.0.1:9" });
  const { status, problem, exchange } = await bench.get(info, { via: "1.0 squid, 1.1 modgate-bench" });
  assert.deepEqual([status, problem?.code, exchange.verdict], [508, "UPSTREAM_LOOP", "unreachable"]);
  assert.match(problem?.hint ?? "", /GOPROXY=/);
});
