import assert from "node:assert/strict";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { cli } from "../testkit/run-cli.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const path = "/example.com/a/@v/v1.2.0.info";

test("modgate serve --processes 2 goes on in a new log file after SIGUSR2, and ends with 0 after SIGTERM", async () => {
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  await using place = await cli();
  const log = join(place.folder, "access.log");
  const args = ["--processes", "2", "--log-file", log];
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, args });
  await httpGet(modgate.url, path);
  // Lines are written in batches.
  await until(async () => (await readFile(log, "utf8").catch(() => "")) !== "");
  await rename(log, `${log}.1`);
  modgate.signal("SIGUSR2");
  await until(async () => {
    await httpGet(modgate.url, path);
    return (await readFile(log, "utf8").catch(() => "")) !== "";
  });
  for (const file of [log, `${log}.1`]) {
    const [line = ""] = (await readFile(file, "utf8")).split("\n");
    assert.partialDeepStrictEqual(JSON.parse(line), { verdict: "ok", path });
  }
  assert.equal(await modgate.stop(), 0);
  assert.equal(modgate.stderr, "");
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(20_000);
  while (!(await isSo())) {
    deadline.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
