import assert from "node:assert/strict";
import { test } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const clients = 100;
const files = ["v1.2.0.info", "v1.2.0.mod", "v1.2.0.zip", "list", "main.info"];

test("100 cold clients for each file of a module cost the upstream one fetch of each", async () => {
  const tree = await smallGraph();
  await using upstream = await UpstreamServer.start({ tree });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url });
  const gate = upstream.hold("*");
  const answers = files.flatMap((file) =>
    Array.from({ length: clients }, () => httpGet(modgate.url, `/example.com/a/@v/${file}`)),
  );
  await gate.arrived(files.length);
  gate.release();
  for (const [index, answer] of (await Promise.all(answers)).entries()) {
    const path = `/example.com/a/@v/${files[Math.floor(index / clients)]}`;
    assert.equal(answer.status, 200, path);
    assert.deepEqual(answer.body, tree.answer(path)?.body, path);
  }
  assert.deepEqual(
    upstream.requests.map((seen) => seen.path).sort(),
    files.map((file) => `/example.com/a/@v/${file}`).sort(),
  );
});

test("100 cold clients for what is absent cost the upstream one question", async () => {
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url });
  const gate = upstream.hold("*");
  const asked = Array.from({ length: clients }, () => httpGet(modgate.url, "/example.com/none/@v/list"));
  await gate.arrived();
  gate.release();
  const statuses = (await Promise.all(asked)).map((answer) => answer.status);
  assert.deepEqual([...new Set(statuses)], [404]);
  assert.equal(upstream.requests.length, 1);
});

test("a client that goes away, the first one included, does not cancel the others", async () => {
  const tree = await smallGraph();
  await using upstream = await UpstreamServer.start({ tree });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url });
  const path = "/example.com/a/@v/v1.2.0.zip";
  const gate = upstream.hold("*");
  const leaving = new AbortController();
  const leaver = httpGet(modgate.url, path, { signal: leaving.signal });
  await gate.arrived();
  const stayers = Array.from({ length: 9 }, () => httpGet(modgate.url, path));
  const alsoLeaving = httpGet(modgate.url, path, { signal: leaving.signal });
  await httpGet(modgate.url, "/healthz");
  leaving.abort();
  await assert.rejects(leaver);
  await assert.rejects(alsoLeaving);
  // Two round trips: by then the gateway has seen the connections close.
  await httpGet(modgate.url, "/healthz");
  await httpGet(modgate.url, "/healthz");
  gate.release();
  for (const answer of await Promise.all(stayers)) {
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, tree.answer(path)?.body);
  }
  assert.equal(upstream.requests.length, 1);
  assert.equal(upstream.requests[0]?.aborted, false);
});

test("a file that nobody waits for any more still fills the cache or is asked anew, never broken", async () => {
  const tree = await smallGraph();
  await using upstream = await UpstreamServer.start({ tree });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url });
  const path = "/example.com/b/@v/v1.1.0.zip";
  const gate = upstream.hold("*");
  const leaving = new AbortController();
  const leaver = httpGet(modgate.url, path, { signal: leaving.signal });
  await gate.arrived();
  leaving.abort();
  await assert.rejects(leaver);
  await httpGet(modgate.url, "/healthz");
  gate.release();
  const again = await httpGet(modgate.url, path);
  assert.deepEqual(again.body, tree.answer(path)?.body);
});

test("ten go commands at once on a cold gateway cost the upstream one fetch of each file", async () => {
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url });
  const runs = Array.from({ length: 10 }, async () => {
    await using go = await goCommand({ GOPROXY: modgate.url });
    return await go.run(["mod", "download", "example.com/a@v1.3.0"]);
  });
  for (const result of await Promise.all(runs)) assert.equal(result.exitCode, 0, result.stderr);
  assert.deepEqual(
    upstream.requests.map((seen) => seen.path).sort(),
    ["info", "mod", "zip"].map((end) => `/example.com/a/@v/v1.3.0.${end}`),
  );
});
