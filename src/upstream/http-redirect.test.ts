import assert from "node:assert/strict";
import { test } from "node:test";
import { moduleTree } from "../../test/testkit/module-tree.ts";
import { askFor, firstTry, outcomeOf, serveHttp, testChain, upstreamConfig } from "../../test/testkit/test-chain.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";
import { Problem } from "../kernel/problem.ts";

const tree = await moduleTree([{ path: "example.com/a", version: "v1.0.0" }]);

test("credentials of the URL are sent as Basic and printed nowhere", async () => {
  await using server = await UpstreamServer.start({ tree, authorization: `Basic ${btoa("joe:sec:ret")}` });
  const url = server.url.replace("//", "//joe:sec%3Aret@");
  assert.match(firstTry(await outcomeOf(url, askFor("info"))), /v1.0.0/);
  server.fail({ match: "*", fault: { kind: "status", status: 503, body: `no ${url} here` } });
  const refused = await outcomeOf(url, askFor("info"));
  assert.ok(refused instanceof Problem);
  assert.doesNotMatch(JSON.stringify([refused, refused.message, refused.tried]), /sec%3Aret|sec:ret/);
});

test("createChain refuses credentials for an insecure URL, and says so without them", async () => {
  for (const settings of [
    upstreamConfig("http://joe:secret@proxy.example.com"),
    upstreamConfig("http://proxy.example.com", { headers: { authorization: "Bearer secret" } }),
  ]) {
    await assert.rejects(testChain([settings]), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.equal(error.code, "CONFIG_INVALID");
      assert.match(error.message, /refusing to pass credentials to an insecure URL/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  }
});

test("the client's Authorization goes to upstreams marked forwardAuthorization alone", async () => {
  for (const forwardAuthorization of [true, false]) {
    await using server = await UpstreamServer.start({ tree });
    await outcomeOf(server.url, askFor("info", { authorization: "Bearer client" }), { forwardAuthorization });
    assert.equal(server.requests[0]?.headers.authorization, forwardAuthorization ? "Bearer client" : undefined);
  }
});

test("a redirect to another host is followed without credentials and forwarded headers, and never gets them back", async () => {
  await using target = await UpstreamServer.start({ tree });
  await using home = await UpstreamServer.start({ tree });
  home.fail({ match: "*.info", fault: { kind: "redirect", location: `${target.url}/example.com/a/@v/v1.0.0.info` } });
  const ask = askFor("info", {
    authorization: "Bearer client",
    headers: { "x-request-id": "r1", "x-go-proxy-upstream": "corp" },
  });
  const settings = { forwardAuthorization: true, headers: { "x-token": "secret" } };
  assert.match(firstTry(await outcomeOf(home.url, ask, settings)), /v1.0.0/);
  assert.equal(home.requests[0]?.headers.authorization, "Bearer client");
  const seen = target.requests[0]?.headers ?? {};
  assert.deepEqual(Object.keys(seen).sort(), ["accept-encoding", "connection", "host", "user-agent", "via"]);

  target.fail({ match: "*.info", fault: { kind: "redirect", location: `${home.url}/example.com/a/@v/v1.0.0.mod` } });
  await outcomeOf(home.url, ask, settings);
  assert.equal(home.requests.at(-1)?.path, "/example.com/a/@v/v1.0.0.mod");
  assert.equal(home.requests.at(-1)?.headers.authorization, undefined);
});

test("a redirect on the same host keeps the credentials, and one to a 404 counts as 404", async () => {
  await using server = await UpstreamServer.start({ tree });
  for (const status of [301, 302, 303, 307, 308]) {
    server.reset();
    server.fail({ match: "*.info", fault: { kind: "redirect", status, location: "../gone" } });
    const ended = await outcomeOf(server.url, askFor("info", { authorization: "Bearer client" }), {
      forwardAuthorization: true,
    });
    assert.ok(ended instanceof Problem);
    assert.equal(ended.code, "MODULE_ABSENT");
    assert.deepEqual(
      server.requests.map(({ path, headers }) => [path, headers.authorization]),
      [
        ["/example.com/a/@v/v1.0.0.info", "Bearer client"],
        ["/example.com/a/gone", "Bearer client"],
      ],
    );
  }
});

test("ten redirects are followed and no more", async () => {
  await using server = await serveHttp((request, response) => {
    const left = Number(/\d+$/.exec(request.url ?? "")?.[0] ?? "0");
    if (left === 0) response.end("arrived");
    else response.writeHead(302, { location: `/${left - 1}` }).end();
  });
  assert.equal(await outcomeOf(server.url, askFor("info", { path: "10" })), "arrived");
  assert.match(firstTry(await outcomeOf(server.url, askFor("info", { path: "11" }))), /stopped after 10 redirects/);
});

test("a redirect to another scheme is refused", async () => {
  await using server = await serveHttp((_request, response) =>
    response.writeHead(302, { location: "ftp://h.test/x" }).end(),
  );
  assert.match(
    firstTry(await outcomeOf(server.url, askFor("info"))),
    /^P1: redirected to "ftp:\/\/h\.test\/x", which is no http URL/,
  );
});
