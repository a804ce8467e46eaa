import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect, type Server } from "node:net";
import { test } from "node:test";
import * as fc from "fast-check";
import { systemClock } from "../kernel/clock.ts";
import { headerLines } from "./header-lines.ts";
import { openFastLane } from "./fast-lane.ts";

const large = Buffer.alloc(300_000, "z");

// The same site twice: what it answers depends on method and target alone.
const page = (method: string, target: string): { status: number; fields: string[]; body: Buffer } => {
  const body = target.startsWith("/large") ? large : Buffer.from(`${method} ${target}\n`);
  return {
    status: target.startsWith("/absent") ? 404 : 200,
    fields: ["Content-Length", String(body.length), "ETag", '"1"'],
    body,
  };
};
const listener: RequestListener = (request, response) => {
  request.resume();
  request.on("end", () => {
    const { status, fields, body } = page(request.method ?? "", request.url ?? "");
    const answer = (): void =>
      void response.writeHead(status, fields).end(request.method === "HEAD" ? undefined : body);
    if (request.url?.startsWith("/late")) setImmediate(answer);
    else answer();
  });
};

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function laneServer(): {
  server: Server;
  handedOver: () => number;
  lane: ReturnType<typeof openFastLane>;
  drain: () => void;
} {
  let handedOver = 0;
  let isDraining = false;
  const server = createServer(listener);
  server.on("connection", () => handedOver++);
  const lane = openFastLane(server, "connection", {
    clock: systemClock,
    idleTimeoutMs: 5000,
    isDraining: () => isDraining,
    answer: (head, connection) => {
      if (head.target.startsWith("/node")) return false;
      const { status, fields, body } = page(head.method, head.target);
      const isHead = head.method === "HEAD";
      const send = (): void => connection.send(status, headerLines(fields), isHead ? null : body);
      if (head.target.startsWith("/stream") && !isHead)
        void connection.stream(status, headerLines(fields), pieces(body));
      else if (head.target.startsWith("/late")) setImmediate(send);
      else send();
      return true;
    },
  });
  return { server, lane, handedOver: () => handedOver, drain: () => void (isDraining = true) };
}

async function* pieces(body: Buffer): AsyncIterable<Buffer> {
  for (let at = 0; at < body.length; at += 7) yield body.subarray(at, at + 7);
}

/** Everything the server answers to the bytes, sent in the given pieces, each a packet of its own. */
async function answersTo(port: number, parts: readonly string[]): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk) => (text += chunk));
  socket.on("error", () => {});
  await once(socket, "connect");
  for (const part of parts) {
    socket.write(part, "latin1");
    await new Promise((resolve) => setImmediate(resolve));
  }
  await once(socket, "close");
  return text.replace(/^(Date|Connection|Keep-Alive): .*\r\n/gim, "").replace(/\r\nETag.*?\r\n/g, "\r\n");
}

const line = (method: string, target: string, rest = ""): string =>
  `${method} ${target} HTTP/1.1\r\nHost: h\r\n${rest}\r\n`;
const last = line("GET", "/last", "Connection: close\r\n");

test("openFastLane answers any row of requests, cut anywhere, as node:http alone does", async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const fast = laneServer();
  const plain = createServer(listener);
  const [fastPort, plainPort] = await Promise.all([listening(fast.server), listening(plain)]);
  t.after(() => {
    fast.server.close();
    plain.close();
  });
  const request = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.constantFrom("GET", "HEAD"), fc.constantFrom("/a", "/absent", "/late", "/stream", "/large"))
        .map(([method, target]) => line(method, target)),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        line("GET", "/node"),
        line("POST", "/p", "Content-Length: 3\r\n") + "abc",
        line("PUT", "/p", "Transfer-Encoding: chunked\r\n") + "1\r\nx\r\n0\r\n\r\n",
      ),
    },
  );
  const row = fc.record({
    requests: fc.array(request, { maxLength: 8 }),
    cuts: fc.array(fc.nat({ max: 400 }), { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(row, async ({ requests, cuts }) => {
      const bytes = requests.join("") + last;
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const parts = places
        .slice(1)
        .map((place, index) => bytes.slice(places[index], place))
        .filter((part) => part !== "");
      const [got, want] = await Promise.all([answersTo(fastPort, parts), answersTo(plainPort, parts)]);
      assert.equal(got, want);
    }),
    { seed, numRuns: 400 },
  );
  assert.ok(fast.handedOver() >= 400, "each row ends in a request of node:http");
});

test("openFastLane leaves malformed requests to node:http's 400, after the good ones before them", async (t) => {
  const { server } = laneServer();
  const port = await listening(server);
  t.after(() => server.close());
  for (const bad of [
    "nonsense\r\n\r\n",
    line("GET", "/a b"),
    line("GET", "/a", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
  ]) {
    const text = await answersTo(port, [line("GET", "/a") + bad]);
    assert.equal(text, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nGET /a\nHTTP/1.1 400 Bad Request\r\n\r\n");
  }
});

test("openFastLane keeps plain requests from node:http, and ends what is idle when it drains", async (t) => {
  const { server, lane, handedOver, drain } = laneServer();
  const port = await listening(server);
  t.after(() => server.close());
  const socket = connect(port, "127.0.0.1");
  socket.write(line("GET", "/a") + line("GET", "/late"));
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk) => (text += chunk));
  while (!text.includes("GET /late")) await once(socket, "data");
  assert.equal(handedOver(), 0);
  assert.doesNotMatch(text, /Connection: close/);
  drain();
  lane.closeIdleConnections();
  await once(socket, "close");
});
