import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

test("SIGTERM ends serve within its drain time, whatever upstreams, smoke tests and old configurations wait for", async () => {
  const tree = await smallGraph();
  await using first = await UpstreamServer.start({ tree });
  await using second = await UpstreamServer.start({ tree });
  first.fail({ match: "/example.com/a/*", fault: { kind: "silent" } });
  const settings = (upstream: string, smoke: readonly string[]): object => ({
    upstream,
    smoke,
    drain: "500ms",
    canary: { share: 1 },
  });
  const noted = ["example.com/b@v1.1.0"];
  await using modgate = await ModgateProcess.start({ config: settings(first.url, noted) });
  const change = async (config: object): Promise<void> => {
    await writeFile(`${modgate.configFile}.new`, JSON.stringify(config));
    await rename(`${modgate.configFile}.new`, modgate.configFile);
  };
  // One request waits in a configuration that is replaced meanwhile,
  const waiting = httpGet(modgate.url, "/example.com/a/@v/list");
  while (first.hits("/example.com/a/*") === 0) await new Promise((resolve) => void setImmediate(resolve));
  await change(settings(second.url, noted));
  await modgate.logLine(({ kind }) => kind === "promoted");
  // and a smoke test waits for an upstream that has fallen silent.
  second.fail({ match: "/example.com/c/*", fault: { kind: "silent" } });
  await change(settings(second.url, ["example.com/c@v0.0.0-20240101000000-abcdefabcdef"]));
  while (second.hits("/example.com/c/*") === 0) await new Promise((resolve) => void setImmediate(resolve));

  const startedAt = performance.now();
  assert.equal(await modgate.stop(), 0);
  assert.ok(performance.now() - startedAt < 5000, `it took ${performance.now() - startedAt} ms`);
  const { status, headers, body } = await waiting;
  assert.deepEqual([status, Number(headers["retry-after"]) > 0], [503, true]);
  assert.match(body.toString(), /^modgate: unreachable: The gateway ends before the upstream has answered/);
});
