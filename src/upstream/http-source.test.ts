import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createTcpServer } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Fault } from "../../test/testkit/fault.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { moduleTree } from "../../test/testkit/module-tree.ts";
import {
  askFor,
  bodyText,
  firstTry,
  outcomeOf,
  serveHttp,
  standingStill,
  testChain,
  until,
  upstreamConfig,
} from "../../test/testkit/test-chain.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";
import { Problem } from "../kernel/problem.ts";

const tree = await moduleTree([{ path: "example.com/a", version: "v1.0.0" }]);
const never = new AbortController().signal;
const timeouts = { connectMs: 1000, headersMs: 2000, idleMs: 3000, totalMs: 100_000 };

test("each time limit ends an attempt by the clock, as 504, and gives the connection up", async () => {
  const cases: [fault: Fault, limit: keyof typeof timeouts, reason: RegExp][] = [
    [{ kind: "silent" }, "headersMs", /^P1: no answer within 2 s/],
    [
      { kind: "stall", afterBytes: 5 },
      "idleMs",
      /^P1: 200, then broken off after 5 of \d+ bytes: no further byte of the body within 3 s/,
    ],
  ];
  for (const [fault, limit, reason] of cases) {
    await using server = await UpstreamServer.start({ tree });
    server.fail({ match: "*", fault });
    const clock = new FakeClock();
    await using chain = await testChain([upstreamConfig(server.url, { timeouts })], { clock });
    const fetching = chain.fetch(askFor("zip"), bodyText, never);
    const ended = fetching.catch((error: unknown) => error);
    await until(() => clock.delays.includes(timeouts[limit]) && server.hits() === 1);
    await clock.advance(timeouts[limit]);
    const problem = await ended;
    assert.ok(problem instanceof Problem);
    assert.deepEqual([problem.code, problem.status], ["UPSTREAM_UNREACHABLE", 504]);
    assert.match(problem.tried[0] ?? "", reason);
    await until(() => server.openConnections === 0);
    assert.equal(clock.pending, 0, "no timer is left");
  }
});

test("totalMs ends an attempt whose body never stops for long", async () => {
  await using server = await serveHttp((_request, response) => {
    response.writeHead(200);
    const drip = (): void => {
      if (!response.destroyed) response.write("x", () => void setImmediate(drip));
    };
    drip();
  });
  const clock = new FakeClock();
  await using chain = await testChain([upstreamConfig(server.url, { timeouts })], { clock });
  const ended = chain.fetch(askFor("zip"), bodyText, never).catch((error: unknown) => error);
  await until(() => clock.delays.includes(timeouts.idleMs));
  for (let step = 0; step < 100; step++) {
    await new Promise((resolve) => void setImmediate(resolve));
    await clock.advance(1000);
  }
  const problem = await ended;
  assert.ok(problem instanceof Problem);
  assert.match(problem.tried[0] ?? "", /no whole answer within 100 s/);
});

test("connectMs ends an attempt to a host that never finishes its TLS handshake", async () => {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const clock = new FakeClock();
  const sockets: { destroy(): void }[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  const chain = await testChain([upstreamConfig(`https://127.0.0.1:${port}`, { timeouts })], { clock });
  const ended = chain.fetch(askFor("info"), bodyText, never).catch((error: unknown) => error);
  await until(() => sockets.length === 1);
  await clock.advance(timeouts.connectMs);
  const problem = await ended;
  for (const socket of sockets) socket.destroy();
  server.close();
  await chain.close();
  assert.ok(problem instanceof Problem);
  assert.equal(problem.status, 504);
  assert.match(problem.tried[0] ?? "", /^P1: no connection within 1 s/);
});

test("a connection is kept and used again, also after 404 and 503", async () => {
  await using server = await UpstreamServer.start({ tree });
  const clock = new FakeClock();
  await using chain = await testChain([upstreamConfig(server.url)], { clock });
  server.fail({ match: "*.mod", fault: { kind: "status", status: 503 } });
  for (const ask of [askFor("info"), askFor("info", { module: "example.com/none" }), askFor("mod"), askFor("zip")]) {
    await standingStill(clock, chain.fetch(ask, bodyText, never)).catch(() => {});
    // undici frees a connection one turn of the event loop after its answer.
    await clock.advance(0);
  }
  assert.equal(server.hits(), 4);
  assert.equal(server.connections, 1);
});

test("a kept connection that turns out to be dead is replaced at once, without an attempt or blame", async () => {
  await using server = await UpstreamServer.start({ tree });
  server.fail({ match: "*", skip: 1, times: 1, fault: { kind: "reset" } });
  const clock = new FakeClock();
  await using chain = await testChain([upstreamConfig(server.url, { breaker: { failures: 1, openMs: 1000 } })], {
    clock,
  });
  await standingStill(clock, chain.fetch(askFor("info"), bodyText, never));
  await clock.advance(0);
  const ask = askFor("mod");
  await standingStill(clock, chain.fetch(ask, bodyText, never));
  assert.deepEqual(
    ask.tries.map((attempt) => attempt.outcome),
    ["found"],
  );
  assert.equal(server.hits(), 3);
});

test("a request asks for identity, names this gateway in Via, and carries the ask's and the operator's headers", async () => {
  await using server = await UpstreamServer.start({ tree });
  const ask = askFor("info", { headers: { via: "1.1 front", traceparent: "00-1-2-01", "x-request-id": "r1" } });
  await outcomeOf(server.url, ask, { headers: { "x-token": "t", "x-request-id": "operator" } });
  const headers = server.requests[0]?.headers;
  assert.equal(headers?.["accept-encoding"], "identity");
  assert.equal(headers?.["via"], "1.1 front, 1.1 modgate-self");
  assert.equal(headers?.["traceparent"], "00-1-2-01");
  assert.equal(headers?.["x-request-id"], "operator");
  assert.equal(headers?.["x-token"], "t");
  assert.equal(headers?.["user-agent"], "modgate-test");
});

test("the path below a base with path and query is percent-encoded and the query kept", async () => {
  await using server = await UpstreamServer.start();
  await outcomeOf(`${server.url}/base/?key=1`, askFor("info", { path: "example.com/!a/@v/v1.0.0+x?#%.info" }));
  assert.equal(server.requests[0]?.url, "/base/example.com/!a/@v/v1.0.0+x%3F%23%25.info?key=1");
});

test("gzip that was not asked for is unpacked; another coding, and gzip cut short, are damaged", async () => {
  const packed = gzipSync("module example.com/a\n".repeat(5000));
  const bodies: Record<string, [coding: string, body: Buffer]> = {
    "/whole": ["gzip", packed],
    "/cut": ["gzip", packed.subarray(0, packed.length - 20)],
    "/br": ["br", packed],
  };
  await using server = await serveHttp((request, response) => {
    const [coding, body] = bodies[request.url ?? ""] ?? ["identity", Buffer.from("")];
    response.writeHead(200, { "content-encoding": coding, "content-length": body.length }).end(body);
  });
  assert.equal(await outcomeOf(server.url, askFor("mod", { path: "whole" })), "module example.com/a\n".repeat(5000));
  for (const path of ["cut", "br"]) {
    const ended = await outcomeOf(server.url, askFor("mod", { path }));
    assert.equal(ended instanceof Problem ? ended.code : ended, "UPSTREAM_DAMAGED", path);
  }
});

test("validators of the answer already here are sent, and 304 is unchanged only then", async () => {
  await using server = await serveHttp((_request, response) => response.writeHead(304).end());
  assert.equal(await outcomeOf(server.url, askFor("list", { etag: '"x"' })), "unchanged");
  assert.equal(
    await outcomeOf(server.url, askFor("list", { lastModified: "Thu, 01 Jan 2026 12:00:00 GMT" })),
    "unchanged",
  );
  const unasked = await outcomeOf(server.url, askFor("list"));
  assert.equal(unasked instanceof Problem ? unasked.code : unasked, "UPSTREAM_DAMAGED");
});

test("an HTML page with 200 is damaged before anybody reads it, and its title is quoted", async () => {
  await using server = await serveHttp((_request, response) =>
    response.setHeader("content-type", "text/html").end("<html><head><title>Sign\n in</title></head>"),
  );
  for (const endpoint of ["list", "latest", "info", "mod", "zip"] as const) {
    const ended = await outcomeOf(server.url, askFor(endpoint));
    assert.equal(ended instanceof Problem ? ended.code : ended, "UPSTREAM_DAMAGED", endpoint);
    assert.match(firstTry(ended), /^P1: 200 OK: "Sign in", an HTML page, 0 ms$/);
  }
  assert.match(String(await outcomeOf(server.url, askFor("sumdb"))), /<html>/);
});

test("a slow reader slows the upstream down, so that a body never piles up in memory", async () => {
  const chunk = Buffer.alloc(64 * 1024);
  let sent = 0;
  await using server = await serveHttp((_request, response) => {
    const more = (): void => {
      while (sent < 64 * 1024 * 1024) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once("drain", more);
      }
      response.end();
    };
    more();
  });
  const clock = new FakeClock();
  await using chain = await testChain([upstreamConfig(server.url)], { clock });
  let aheadAtMost = 0;
  let read = 0;
  await standingStill(
    clock,
    chain.fetch(
      askFor("zip"),
      async (body) => {
        for await (const piece of body.chunks) {
          aheadAtMost = Math.max(aheadAtMost, sent - read);
          read += piece.length;
          if (read < 8 * 1024 * 1024) await new Promise((resolve) => void setImmediate(resolve));
        }
      },
      never,
    ),
  );
  assert.equal(read, 64 * 1024 * 1024);
  assert.ok(aheadAtMost < 16 * 1024 * 1024, `${aheadAtMost} bytes ahead of the reader`);
});
