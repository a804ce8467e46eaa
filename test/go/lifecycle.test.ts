import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { tempDir } from "../testkit/temp-dir.ts";
import { testCa } from "../testkit/test-ca.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const zip = "/example.com/a/@v/v1.2.0.zip";

test("SIGTERM lets a download under way end, takes no new connection, and exits 0", async () => {
  const tree = await smallGraph();
  await using upstream = await UpstreamServer.start({ tree });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url });
  const gate = upstream.hold("*.zip");
  const download = httpGet(modgate.url, zip);
  await gate.arrived();
  const stopped = modgate.stop(15_000);
  await refusesConnections(modgate.url);
  gate.release();
  const answer = await download;
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, tree.answer(zip)?.body);
  assert.equal(await stopped, 0, modgate.stderr);
});

async function refusesConnections(url: string): Promise<void> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const answer = await httpGet(url, "/readyz").catch(() => null);
    if (answer === null || answer.status === 503) return;
    assert.ok(Date.now() < deadline, "still takes connections 5 s after SIGTERM");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a chain that leads back to the gateway is refused with the mend, at start and at run time", async () => {
  const port = await freePort();
  const listen = ["--listen", `127.0.0.1:${port}`];
  const itself = `http://127.0.0.1:${port}`;
  await assert.rejects(ModgateProcess.start({ upstream: itself, args: listen }), /GOPROXY=|--upstream/);

  // Two gateways that ask each other are found out by the Via header.
  const through = (upstream: string): unknown => ({ upstream, upstreamDefaults: { retry: { attempts: 1 } } });
  await using first = await ModgateProcess.start({ config: through(itself) });
  await using second = await ModgateProcess.start({ config: through(first.url), args: listen });
  const answer = await httpGet(second.url, "/example.com/a/@v/v1.0.0.info");
  assert.ok([502, 503].includes(answer.status), `${answer.status}`);
  assert.match(answer.body.toString(), /leads back|loop/i);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

test("go works through a TLS listener, and a second start serves what the first one cached", async () => {
  const ca = await testCa();
  const issued = await ca.issue();
  await using folder = await tempDir("tls");
  const files = {
    cert: join(folder.path, "cert.pem"),
    key: join(folder.path, "key.pem"),
    ca: join(folder.path, "ca.pem"),
  };
  await writeFile(files.cert, issued.cert);
  await writeFile(files.key, issued.key);
  await writeFile(files.ca, ca.cert);
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  await using go = await goCommand({ SSL_CERT_FILE: files.ca });
  const options = {
    upstream: upstream.url,
    data: join(folder.path, "data"),
    args: ["--tls-cert", files.cert, "--tls-key", files.key],
  };
  for (const start of ["first", "second"]) {
    await using modgate = await ModgateProcess.start(options);
    assert.match(modgate.url, /^https:/);
    await go.coldCache();
    const result = await go.run(["mod", "download", "example.com/a@v1.2.0"], { env: { GOPROXY: modgate.url } });
    assert.equal(result.exitCode, 0, result.stderr);
    assert.equal(upstream.requests.length, 3, `${start} start`);
    assert.equal(await modgate.stop(), 0);
  }
});

test("two processes on one port and one data folder cost the upstream one fetch of each file", async () => {
  const tree = await smallGraph();
  await using upstream = await UpstreamServer.start({ tree });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, args: ["--processes", "2"] });
  const paths = ["v1.2.0.info", "v1.2.0.mod", "v1.2.0.zip", "list"].map((file) => `/example.com/a/@v/${file}`);
  const gate = upstream.hold("*");
  const asked = paths.flatMap((path) => Array.from({ length: 50 }, () => httpGet(modgate.url, path)));
  await gate.arrived(paths.length);
  gate.release();
  for (const answer of await Promise.all(asked)) assert.equal(answer.status, 200, answer.body.toString());
  assert.deepEqual(upstream.requests.map((seen) => seen.path).sort(), [...paths].sort());
});

test("a configuration that fails is refused at SIGHUP while requests go on, and a good one takes over", async () => {
  const tree = await smallGraph();
  await using good = await UpstreamServer.start({ tree });
  await using better = await UpstreamServer.start({ tree });
  await using folder = await tempDir("reload");
  const file = join(folder.path, "modgate.yaml");
  const write = (upstream: string, rules = ""): Promise<void> =>
    writeFile(file, `upstream: ${upstream}\ncanary: {share: 1, for: 200ms}\ncache: {negativeTtl: 0s}\n${rules}`);
  await write(good.url);
  await using modgate = await ModgateProcess.start({ args: ["--config", file] });
  const paths = ["info", "mod", "zip"].map((end) => `/example.com/a/@v/v1.2.0.${end}`);
  for (const path of paths) assert.equal((await httpGet(modgate.url, path)).status, 200);

  const load = new AbortController();
  const failures: string[] = [];
  const client = async (): Promise<void> => {
    while (!load.signal.aborted) {
      const answer = await httpGet(modgate.url, paths[0] ?? "").catch((error: unknown) => ({ status: String(error) }));
      if (answer.status !== 200) failures.push(String(answer.status));
    }
  };
  const clients = Promise.all(Array.from({ length: 4 }, client));
  await write(good.url, "rules: [{pattern: '[', action: deny}]\n");
  modgate.signal("SIGHUP");
  await saysInLog(modgate, /rules|pattern/i);
  await write(better.url);
  modgate.signal("SIGHUP");
  await isAsked(better, modgate);
  load.abort();
  await clients;
  assert.deepEqual(failures, [], "no request is dropped");
});

async function saysInLog(modgate: ModgateProcess, words: RegExp): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (
    !modgate.stderr.split("\n").some((line) => /refus|reject|kept|keeps|invalid/i.test(line) && words.test(line))
  ) {
    assert.ok(Date.now() < deadline, `no word of the refused configuration in the log: ${modgate.stderr.slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function isAsked(upstream: UpstreamServer, modgate: ModgateProcess): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (let attempt = 0; upstream.hits("/example.com/probe*") === 0; attempt++) {
    await httpGet(modgate.url, `/example.com/probe${attempt}/@v/v1.0.0.info`);
    assert.ok(Date.now() < deadline, `the new upstream is never asked: ${modgate.stderr.slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("the line that serve prints is all that standard output holds", async () => {
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url });
  await httpGet(modgate.url, zip);
  assert.equal(await modgate.stop(), 0);
  assert.equal(modgate.stdout, `export GOPROXY=${modgate.url}\n`);
  assert.equal(modgate.accessLog.filter((line) => line["path"] === zip && line["verdict"] === "ok").length, 1);
  const stored = await readFile(join(modgate.data, "cache", zip));
  assert.ok(stored.length > 0);
});
