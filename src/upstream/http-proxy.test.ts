import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { moduleTree } from "../../test/testkit/module-tree.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { testCa } from "../../test/testkit/test-ca.ts";
import { askFor, outcomeOf, type TestChainOptions } from "../../test/testkit/test-chain.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";
import type { UpstreamConfig } from "../config/config.ts";

const tree = await moduleTree([{ path: "example.com/a", version: "v1.0.0" }]);
const info = tree.get("example.com/a", "v1.0.0").info.toString();
const ca = await testCa();
const files = await tempDir("proxy");
test.after(() => files[Symbol.asyncDispose]());
const caFile = join(files.path, "ca.pem");
await writeFile(caFile, ca.cert);

async function outcome(url: string, settings: Partial<UpstreamConfig>, options?: TestChainOptions): Promise<string> {
  const ended = await outcomeOf(url, askFor("info"), settings, options);
  return typeof ended === "string" ? ended : `${ended.code} ${ended.tried[0] ?? ""}`;
}

/** An HTTP proxy that connects whatever name it is asked for to one port of this machine, and remembers the names. */
async function httpProxy(
  port: number,
): Promise<{ url: string; asked: string[]; auth: (string | undefined)[] } & AsyncDisposable> {
  const asked: string[] = [];
  const auth: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const remember = (request: IncomingMessage, what: string): void => {
    asked.push(what);
    auth.push(request.headers["proxy-authorization"]);
  };
  const server = createServer((request, response) => {
    remember(request, request.url ?? "");
    response.end(info);
  });
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    remember(request, request.url ?? "");
    const target = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(target).pipe(client);
    });
    target.on("error", () => client.destroy());
    client.on("error", () => target.destroy());
    sockets.add(target);
  });
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://joe:secret@127.0.0.1:${own}`,
    asked,
    auth,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("HTTP proxies of the environment and of the upstream are used with their credentials, and NO_PROXY heeded", async () => {
  await using server = await UpstreamServer.start({ tree, tls: await ca.issue({ names: ["proxy.test"] }) });
  await using proxy = await httpProxy(server.port);
  const environment = { httpProxy: proxy.url, httpsProxy: proxy.url, noProxy: null };
  const joe = `Basic ${btoa("joe:secret")}`;
  for (const http2 of [false, true]) {
    proxy.asked.length = 0;
    assert.equal(await outcome("https://proxy.test", { caFile, http2 }, { proxies: environment }), info);
    assert.deepEqual([...proxy.asked], ["proxy.test:443"]);
  }
  assert.equal(await outcome("https://proxy.test:8443", { caFile, proxy: proxy.url }), info);
  assert.equal(await outcome("http://proxy.test", {}, { proxies: environment }), info);
  assert.deepEqual(proxy.asked.slice(1), ["proxy.test:8443", "http://proxy.test/example.com/a/@v/v1.0.0.info"]);
  assert.ok(proxy.auth.every((value) => value === joe));

  proxy.asked.length = 0;
  const direct = { ...environment, noProxy: "proxy.test" };
  assert.match(await outcome("https://proxy.test", { caFile }, { proxies: direct }), /^UPSTREAM_UNREACHABLE/);
  assert.match(
    await outcome("https://proxy.test", { caFile, proxy: "none" }, { proxies: environment }),
    /^UPSTREAM_UNREACHABLE/,
  );
  assert.equal(await outcome(server.url, { caFile }, { proxies: environment }), info);
  assert.deepEqual(proxy.asked, []);
});

test("an HTTP proxy that refuses is unreachable, and its credentials are not printed", async () => {
  const proxy = createServer();
  proxy.on("connect", (_request, client: Socket) => client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as AddressInfo;
  const ended = await outcome("https://proxy.test", { proxy: `http://joe:secret@127.0.0.1:${port}` });
  await new Promise((resolve) => proxy.close(resolve));
  assert.match(ended, /^UPSTREAM_UNREACHABLE P1: the HTTP proxy refuses \(Proxy response \(407\)/);
  assert.doesNotMatch(ended, /secret/);
});
