import assert from "node:assert/strict";
import { after, test } from "node:test";
import { httpGet, type HttpAnswer } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree } from "../testkit/module-tree.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const basic = "Basic dXNlcjpwYXNz";
const treeOf = (time: string) =>
  moduleTree(["example.com/a", "ruled.example/a"].map((path) => ({ path, version: "v1.0.0", time })));
const first = await UpstreamServer.start({ tree: await treeOf("2024-01-01T00:00:00Z") });
const second = await UpstreamServer.start({ tree: await treeOf("2025-01-01T00:00:00Z") });
const closed = await UpstreamServer.start({
  tree: await moduleTree([{ path: "corp.example/secret", version: "v1.0.0" }]),
  authorization: basic,
});
const modgate = await ModgateProcess.start({
  config: {
    upstream: "first,closed",
    upstreams: {
      first: { url: first.url },
      closed: { url: closed.url, forwardAuthorization: true },
      second: { url: second.url },
    },
    rules: [{ pattern: "ruled.example", action: "allow", upstreams: ["first"] }],
  },
});
after(async () => {
  for (const one of [modgate, first, second, closed]) await one[Symbol.asyncDispose]();
});

const info = "/example.com/a/@v/v1.0.0.info";
const ask = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<HttpAnswer> =>
  httpGet(modgate.url, path, { headers, method });
const servedBy = ({ status, headers }: HttpAnswer): unknown[] => [status, headers["x-go-proxy-upstream"]];

test("X-Go-Proxy-Upstream stands on every answer, and names who served", async () => {
  assert.deepEqual(servedBy(await ask(info)), [200, "first"], "fetched");
  const hit = await ask(info);
  assert.deepEqual(servedBy(hit), [200, "first"], "from the cache");
  const { etag = "" } = hit.headers;
  assert.deepEqual(servedBy(await ask(info, { "if-none-match": etag })), [304, "first"]);
  assert.deepEqual(servedBy(await ask(info, {}, "HEAD")), [200, "first"]);
  await ask("/example.com/a/@v/v1.0.0.zip");
  assert.deepEqual(servedBy(await ask("/example.com/a/@v/v1.0.0.zip", { range: "bytes=0-1" })), [206, "first"]);
  assert.deepEqual(servedBy(await ask("/example.com/a/@v/v1.0.0.info/")), [400, undefined]);
  assert.deepEqual(servedBy(await ask("/example.com/a/@v/list")), [200, "first"]);
});

test("X-Go-Proxy-Upstream chooses by name and by host, is passed on, and is logged", async () => {
  for (const asked of ["second", `127.0.0.1:${second.port}`]) {
    const answer = await ask(info, { "x-go-proxy-upstream": asked, "x-request-id": `choice-${asked.slice(0, 6)}` });
    assert.deepEqual(servedBy(answer), [200, "second"]);
    assert.match(answer.body.toString(), /2025/);
    assert.equal(second.requests.at(-1)?.headers["x-go-proxy-upstream"], asked);
  }
  const line = await modgate.logLine(({ requestId }) => requestId === "choice-second");
  assert.equal(line["upstream"], "second");
  assert.match((await ask(info)).body.toString(), /2024/, "others get what the chain gives");
});

test("X-Go-Proxy-Upstream: 400 for a name that nobody has, 403 for one that the rule does not allow", async () => {
  const unknown = await ask(info, { "x-go-proxy-upstream": "third" });
  assert.equal(unknown.status, 400);
  assert.match(unknown.body.toString(), /names "third"; this gateway has: .*first.*second/);
  const ruled = "/ruled.example/a/@v/v1.0.0.info";
  assert.equal((await ask(ruled, { "x-go-proxy-upstream": "second" })).status, 403);
  assert.deepEqual(servedBy(await ask(ruled, { "x-go-proxy-upstream": "first" })), [200, "first"]);
});

test("Authorization goes to upstreams with forwardAuthorization alone, and what it opens is for its owner alone", async () => {
  const secret = "/corp.example/secret/@v/v1.0.0.info";
  const own = await ask(secret, { authorization: basic });
  assert.deepEqual(servedBy(own), [200, "closed"]);
  assert.equal(own.headers["cache-control"], "private, no-store");
  for (const [path, headers] of [
    [secret, {}],
    [secret, { authorization: "Basic b3RoZXI6eA==" }],
    [`/cached-only${secret}`, {}],
    [`/cached-only${secret}`, { authorization: basic }],
  ] as const)
    assert.ok((await ask(path, headers)).status >= 400, `${path} ${JSON.stringify(headers)}`);
  assert.equal((await ask(secret, { authorization: basic })).status, 200);
  assert.ok(first.hits("/corp.example/*") > 0);
  for (const { headers } of [...first.requests, ...second.requests]) assert.equal(headers.authorization, undefined);
  assert.doesNotMatch(modgate.stderr, /dXNlcjpwYXNz/);
});
