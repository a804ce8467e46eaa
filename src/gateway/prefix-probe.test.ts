import assert from "node:assert/strict";
import { test } from "node:test";
import { gatewayBench } from "../../test/testkit/gateway-bench.ts";
import { C1, smallGraph } from "../../test/testkit/small-graph.ts";
import { moduleTree } from "../../test/testkit/module-tree.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";

const tree = await smallGraph();
// What only the second upstream has: a module inside example.com/mono, and one of its own.
const further = await moduleTree([
  { path: "example.com/mono/nested", version: "v1.0.0" },
  { path: "example.com/other/thing", version: "v1.0.0" },
]);

interface Pair extends AsyncDisposable {
  readonly first: UpstreamServer;
  readonly second: UpstreamServer;
}

async function pair(): Promise<Pair> {
  const first = await UpstreamServer.start({ tree });
  const second = await UpstreamServer.start({ tree: further });
  return {
    first,
    second,
    async [Symbol.asyncDispose]() {
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    },
  };
}

for (const separator of [",", "|"]) {
  test(`PrefixProbe ends the walk after "${separator}" where the upstream has a prefix of the path`, async () => {
    await using upstreams = await pair();
    const { first, second } = upstreams;
    second.fail({ match: "*", fault: { kind: "reset" } });
    await using bench = await gatewayBench({ upstream: `${first.url}${separator}${second.url}` });
    for (const path of [
      "/example.com/mono/cmd/hello/@v/list",
      "/example.com/mono/cmd/hello/@v/v1.0.0.info",
      "/example.com/a/sub/@v/main.info",
      "/example.com/c/deep/er/@v/list",
    ]) {
      const { status, exchange } = await bench.get(path);
      assert.deepEqual([status, exchange.verdict], [404, "absent"], path);
    }
    assert.equal(second.requests.length, 0, "nor was the second asked");
  });
}

test("PrefixProbe lets the walk go on where no prefix is a module, at that version", async () => {
  await using upstreams = await pair();
  const { first, second } = upstreams;
  await using bench = await gatewayBench({ upstream: `${first.url},${second.url}` });
  assert.equal((await bench.get("/example.com/other/thing/@v/list")).status, 200);
  assert.equal((await bench.get("/example.com/other/thing/@v/v1.0.0.info")).status, 200);
  assert.equal((await bench.get("/example.com/mono/nested/@v/v1.7.0.info")).status, 404, "mono has no v1.7.0 either");
  assert.equal(second.hits("/example.com/mono/nested/@v/v1.7.0.info"), 1);
  second.fail({ match: "*", fault: { kind: "reset" } });
  const { exchange } = await bench.get("/example.com/unknown/sub/@v/list");
  assert.equal(exchange.verdict, "unreachable", "what nobody could be asked about is not absent");
});

test("PrefixProbe takes failures of its own for no prefix", async () => {
  await using upstreams = await pair();
  const { first, second } = upstreams;
  first.fail({ match: "/example.com/mono/@*", fault: { kind: "status", status: 500 } });
  await using bench = await gatewayBench({ upstream: `${first.url},${second.url}` });
  assert.equal((await bench.get("/example.com/mono/nested/@v/list")).status, 200);
});

test("PrefixProbe asks each prefix once, and forgets after a minute", async () => {
  await using upstreams = await pair();
  const { first, second } = upstreams;
  await using bench = await gatewayBench({ upstream: `${first.url},${second.url}` });
  for (const path of ["x", "y", "z"]) await bench.get(`/example.com/mono/${path}/@v/list`);
  assert.equal(first.hits("/example.com/mono/@v/list"), 1);
  await bench.clock.advance(61_000);
  await bench.get("/example.com/mono/u/@v/list");
  assert.equal(first.hits("/example.com/mono/@v/list"), 2);
});

test("PrefixProbe does not hide a module that the build is known to need, for go asks for it alone then", async () => {
  await using upstreams = await pair();
  const { first, second } = upstreams;
  await using bench = await gatewayBench({ upstream: `${first.url},${second.url}` });
  const stem = "/example.com/mono/nested/@v";
  assert.equal((await bench.get(`${stem}/v1.0.0.info`)).status, 404, "a prefix probe, as far as can be told");
  // go mod download and go build ask for .mod or .zip first, and go asks for those of real modules alone.
  assert.equal((await bench.get(`${stem}/v1.0.0.mod`)).status, 200);
  assert.equal((await bench.get(`${stem}/v1.0.0.info`)).status, 200);
  await bench.idle();
  assert.equal((await bench.get(`${stem}/list`)).status, 200);
});

test("PrefixProbe takes an empty list for a module where @latest has a version", async () => {
  await using upstreams = await pair();
  const { first, second } = upstreams;
  await using bench = await gatewayBench({ upstream: `${first.url},${second.url}` });
  await bench.get("/example.com/c/sub/@v/list");
  assert.deepEqual([first.hits("/example.com/c/@latest"), second.requests.length], [1, 0], C1);
});
