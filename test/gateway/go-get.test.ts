import assert from "node:assert/strict";
import { test } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet, type HttpAnswer } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree } from "../testkit/module-tree.ts";
import { serveHttp } from "../testkit/test-chain.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const host = "go.corp.example";
const originPage = '<html><meta name="go-import" content="vanity.example/x git https://git.example/x"></html>\n';

/** An HTTP proxy that leads the whole world to one server, and speaks no TLS. */
function worldProxy(base: string): ReturnType<typeof serveHttp> {
  return serveHttp((request, response) => {
    const url = new URL(request.url ?? "/", "http://nowhere.example");
    void httpGet(base, `${url.pathname}${url.search}`, { headers: { host: url.host } }).then(
      ({ status, headers, body }) => response.writeHead(status, { "content-type": headers["content-type"] }).end(body),
    );
  });
}

test("?go-get=1 of kind mod sends the real go, with GOPROXY=direct, to the gateway that the host names", async () => {
  const tree = await moduleTree([
    {
      path: `${host}/tool`,
      version: "v1.2.0",
      files: { "main.go": 'package main\n\nfunc main() { println("tool") }\n' },
    },
    { path: `${host}/deep/er/lib`, version: "v1.0.0" },
  ]);
  await using upstream = await UpstreamServer.start({ tree });
  await using modgate = await ModgateProcess.start({
    config: { upstream: upstream.url, goGet: [{ pattern: host, kind: "mod" }] },
  });
  await using proxy = await worldProxy(modgate.url);
  await using go = await goCommand({
    GOPROXY: "direct",
    GOINSECURE: host,
    HTTP_PROXY: proxy.url,
    HTTPS_PROXY: proxy.url,
  });
  for (const args of [
    ["install", `${host}/tool@latest`],
    ["mod", "download", `${host}/deep/er/lib@v1.0.0`],
  ]) {
    const { exitCode, stderr } = await go.run(args);
    assert.equal(exitCode, 0, stderr);
  }
  assert.equal(upstream.hits(`/${host}/tool/@v/v1.2.0.zip`), 1);
  assert.equal(upstream.hits(`/${host}/deep/er/lib/@v/v1.0.0.zip`), 1);
});

test("?go-get=1 of kind origin passes the origin's page on, and its refusals as what they are", async () => {
  await using origin = await UpstreamServer.start({
    responders: [
      { answer: (path) => (path === "/x" ? { body: Buffer.from(originPage), contentType: "text/html" } : null) },
    ],
  });
  origin.fail({ match: "/broken", fault: { kind: "status", status: 500 } });
  origin.fail({ match: "/moved", fault: { kind: "redirect", location: "/x?go-get=1" } });
  await using modgate = await ModgateProcess.start({
    config: {
      upstream: origin.url,
      goGet: [
        { pattern: "vanity.example/own", kind: "mod", url: "https://proxy.corp.example" },
        { pattern: "vanity.example", kind: "origin", url: origin.url },
      ],
    },
  });
  const page = (path: string): Promise<HttpAnswer> =>
    httpGet(modgate.url, `${path}?go-get=1`, { headers: { host: "vanity.example" } });
  for (const path of ["/x", "/vanity.example/x", "/moved"]) {
    const { status, body, headers } = await page(path);
    assert.deepEqual(
      [status, body.toString(), headers["content-type"]],
      [200, originPage, "text/html; charset=utf-8"],
      path,
    );
  }
  assert.equal(origin.requests[0]?.url, "/x?go-get=1");
  assert.match(
    (await page("/own/sub")).body.toString(),
    /content="vanity\.example\/own mod https:\/\/proxy\.corp\.example"/,
  );
  assert.deepEqual([(await page("/none")).status, (await page("/broken")).status], [404, 502]);
  const foreign = await httpGet(modgate.url, "/other.example/x?go-get=1");
  assert.equal(foreign.status, 404, "only what the operator lists is answered");
  assert.match(foreign.body.toString(), /goGet:/);
});
