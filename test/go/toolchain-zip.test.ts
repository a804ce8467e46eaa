import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { test } from "node:test";
import { seededRandom } from "../../src/kernel/random.ts";
import { noise } from "../testkit/generate-graph.ts";
import { goCommand } from "../testkit/go-command.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree, type ModuleTree } from "../testkit/module-tree.ts";
import { testSumdb } from "../testkit/sumdb-server.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const megabyte = 1024 * 1024;
const zipMegabytes = 80;
const path = "golang.org/toolchain";
const version = "v0.0.1-go1.99.0.linux-amd64";

async function toolchain(): Promise<ModuleTree> {
  const data = noise(zipMegabytes * megabyte, seededRandom(7));
  const files = {
    "bin/go": "#!/bin/sh\necho go version go1.99.0 linux/amd64\n",
    VERSION: "go1.99.0\ntime 2024-01-01T00:00:00Z\n",
    "pkg/data.bin": data,
  };
  return moduleTree([{ path, version, goMod: null, files, stored: true }]);
}

test(`a toolchain zip of ${zipMegabytes} MB streams through serve, cold and warm, in constant memory`, async (t) => {
  const tree = await toolchain();
  const want = createHash("sha256").update(tree.get(path, version).zip).digest("hex");
  await using upstream = await UpstreamServer.start({ tree, etags: false });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url });
  const cold = await Promise.all([hashOf(modgate.url), hashOf(modgate.url), hashOf(modgate.url)]);
  // The first answers also fill buffers and compile code, once and for all.
  const before = await modgate.memory();
  const warm = await Promise.all([hashOf(modgate.url), hashOf(modgate.url), hashOf(modgate.url)]);
  assert.deepEqual(new Set([...cold, ...warm]), new Set([want]));
  assert.equal(upstream.hits("*.zip"), 1);
  const grownMegabytes = ((await modgate.memory()).peak - before.peak) / megabyte;
  t.diagnostic(
    `peak memory ${(before.peak / megabyte).toFixed(0)} MB after the cold answers; ${3 * zipMegabytes} MB more served, it memory grew by ${grownMegabytes.toFixed(0)} MB`,
  );
  assert.ok(grownMegabytes < zipMegabytes / 4, `grew by ${grownMegabytes} MB`);
});

test("a slow client of a large zip does not make serve hold it in memory", async (t) => {
  const tree = await toolchain();
  await using upstream = await UpstreamServer.start({ tree, etags: false });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url });
  await hashOf(modgate.url);
  const before = await modgate.memory();
  // Eight clients that take the head of the answer and then read nothing.
  const stalled = await Promise.all(Array.from({ length: 8 }, () => openZip(modgate.url)));
  for (const answer of stalled) answer.pause();
  await hashOf(modgate.url);
  const grownMegabytes = ((await modgate.memory()).peak - before.peak) / megabyte;
  t.diagnostic(`peak memory grew by ${grownMegabytes.toFixed(0)} MB`);
  for (const answer of stalled) answer.destroy();
  assert.ok(grownMegabytes < zipMegabytes / 2, `grew by ${grownMegabytes} MB`);
});

test("go downloads a toolchain through serve, checked by the checksum database", async () => {
  const go199 = "#!/bin/sh\necho go version go1.99.0 linux/amd64\n";
  // go sets the executable bits in these folders.
  const files = { "bin/go": go199, "bin/gofmt": "", "pkg/tool/linux_amd64/asm": "", "lib/wasm/go_js_wasm_exec": "" };
  const tree = await moduleTree([{ path, version, goMod: null, files }]);
  const sumdb = testSumdb(tree);
  await using upstream = await UpstreamServer.start({ tree });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, sumdb: `${sumdb.key} ${database.url}` });
  await using go = await goCommand({ GOPROXY: modgate.url, GOSUMDB: sumdb.key, GOTOOLCHAIN: "go1.99.0" });
  const result = await go.run(["version"]);
  assert.match(result.stdout, /go1\.99\.0/, result.stderr);
  assert.deepEqual(
    upstream.requests.map((seen) => seen.path),
    [`/${path}/@v/${version}.zip`],
  );
});

async function openZip(base: string): Promise<IncomingMessage> {
  const { hostname, port } = new URL(base);
  const outgoing = request({ hostname, port, path: `/${path}/@v/${version}.zip`, agent: false }).end();
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  answer.on("error", () => answer.destroy());
  assert.equal(answer.statusCode, 200);
  return answer;
}

async function hashOf(base: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of await openZip(base)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
