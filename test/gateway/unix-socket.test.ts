import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { tempDir } from "../testkit/temp-dir.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const list = "/example.com/a/@v/list";

function getOver(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path: list, agent: false }, (incoming) => resolve(text(incoming)));
    outgoing.on("error", reject).end();
  });
}

test("serve listens on a unix socket, replaces a dead one, refuses a live one, and leaves none behind", async () => {
  const tree = await smallGraph();
  const wanted = tree.answer(list)?.body.toString();
  await using folder = await tempDir("socket");
  await using upstream = await UpstreamServer.start({ tree });
  const path = join(folder.path, "modgate.sock");
  const options = { upstream: upstream.url, args: ["--listen", `unix:${path}`] };
  {
    await using killed = await ModgateProcess.start(options);
    assert.match(killed.stdout, new RegExp(`listening on unix:${path}`));
    assert.equal(await getOver(path), wanted);
    await killed.kill9();
    assert.ok(existsSync(path), "a killed process leaves its socket");
  }
  await using modgate = await ModgateProcess.start(options);
  assert.equal(await getOver(path), wanted);
  await assert.rejects(ModgateProcess.start(options), /ended with 2\n[^]*unix:.*in use/);
  assert.equal(await getOver(path), wanted, "the live one serves on");
  assert.equal(await modgate.stop(), 0);
  assert.ok(!existsSync(path));
});

test("serve removes nothing but sockets from where it is to listen", async () => {
  await using folder = await tempDir("socket");
  const path = join(folder.path, "precious.txt");
  await writeFile(path, "mine");
  await assert.rejects(
    ModgateProcess.start({ upstream: "http://127.0.0.1:9", args: ["--listen", `unix:${path}`] }),
    /ended with 2/,
  );
  assert.ok(existsSync(path));
});
