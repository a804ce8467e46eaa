import assert from "node:assert/strict";
import { connect } from "node:net";
import { before, after, test } from "node:test";
import { seededRandom, type Random } from "../../src/kernel/random.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const rounds = process.env["MODGATE_DEEP"] ? 2000 : 150;
const smuggled = "GET /smuggled.example/a/@v/list HTTP/1.1\r\nHost: x\r\n\r\n";

interface Ask {
  readonly name: string;
  readonly bytes: string;
  readonly statuses: readonly number[];
  readonly hasBody: boolean;
}

const get = (path: string, headers = ""): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
const chunked = `Transfer-Encoding: chunked\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n`;

const asks: readonly Ask[] = [
  { name: "info", bytes: get("/example.com/a/@v/v1.2.0.info"), statuses: [200], hasBody: true },
  { name: "mod", bytes: get("/example.com/b/@v/v1.1.0.mod"), statuses: [200], hasBody: true },
  { name: "zip", bytes: get("/example.com/a/@v/v1.2.0.zip"), statuses: [200], hasBody: true },
  { name: "list", bytes: get("/example.com/a/@v/list"), statuses: [200], hasBody: true },
  { name: "range", bytes: get("/example.com/a/@v/v1.2.0.zip", "Range: bytes=3-9\r\n"), statuses: [206], hasBody: true },
  { name: "head", bytes: get("/example.com/a/@v/v1.2.0.mod").replace("GET", "HEAD"), statuses: [200], hasBody: false },
  {
    name: "unchanged",
    bytes: get("/example.com/a/@v/v1.2.0.mod", "If-None-Match: *\r\n"),
    statuses: [304],
    hasBody: false,
  },
  { name: "absent", bytes: get("/example.com/none/@v/list"), statuses: [404], hasBody: true },
  { name: "invalid", bytes: get("/example.com/A/@v/list"), statuses: [400], hasBody: true },
  { name: "health", bytes: get("/healthz"), statuses: [200], hasBody: true },
  { name: "further header", bytes: get("/example.com/a/@v/v1.2.0.mod", "X-A: 1\r\n"), statuses: [200], hasBody: true },
  {
    name: "post with a body",
    bytes: `POST /example.com/a/@v/list HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    statuses: [405],
    hasBody: true,
  },
  {
    name: "get with a body",
    bytes: get("/example.com/a/@v/v1.2.0.info", `Content-Length: ${smuggled.length}\r\n`) + smuggled,
    statuses: [200, 400],
    hasBody: true,
  },
  {
    name: "get with chunks",
    bytes: get("/example.com/a/@v/v1.2.0.info", chunked),
    statuses: [200, 400],
    hasBody: true,
  },
];

let upstream: UpstreamServer;
let modgate: ModgateProcess;

before(async () => {
  upstream = await UpstreamServer.start({ tree: await smallGraph() });
  modgate = await ModgateProcess.start({ upstream: upstream.url });
});

after(async () => {
  await modgate[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

test(`serve answers ${rounds} rows of requests on one connection each in order, however the bytes are cut`, async (t) => {
  const seed = Number(process.env["MODGATE_SEED"] ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  for (let round = 0; round < rounds; round++) {
    const row = Array.from(
      { length: 1 + Math.floor(random() * 12) },
      () => asks[Math.floor(random() * asks.length)] as Ask,
    );
    const answers = await converse(row, random);
    const names = row.map((ask) => ask.name).join(", ");
    for (const [index, status] of answers.statuses.entries()) {
      assert.ok(row[index]?.statuses.includes(status), `round ${round}: ${names}: answer ${index + 1} is ${status}`);
    }
    // Who refuses a body may close, and the reset that follows may overtake this answer and those before it.
    const isRefusal = row.slice(answers.statuses.length).some((ask) => ask.statuses.includes(405));
    assert.ok(
      answers.statuses.length === row.length || (answers.closes && answers.statuses.length > 0) || isRefusal,
      `round ${round}: ${names}: ${answers.statuses.length} answers`,
    );
  }
  assert.equal(upstream.hits("/smuggled.example/*"), 0, "a body was taken for a request");
});

interface Answers {
  readonly statuses: number[];
  /** The last answer says that the connection closes. */
  readonly closes: boolean;
}

async function converse(row: readonly Ask[], random: Random): Promise<Answers> {
  const socket = connect(Number(new URL(modgate.url).port), "127.0.0.1");
  let received = Buffer.alloc(0);
  const progress = { wake: (): void => undefined };
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    progress.wake();
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => progress.wake());
  const bytes = Buffer.from(row.map((ask) => ask.bytes).join(""), "latin1");
  for (let at = 0; at < bytes.length;) {
    const end = random() < 0.3 ? bytes.length : at + 1 + Math.floor(random() * 200);
    socket.write(bytes.subarray(at, end));
    at = end;
    if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
  }
  const deadline = AbortSignal.timeout(10_000);
  deadline.addEventListener("abort", () => progress.wake());
  for (;;) {
    const answers = readAnswers(received, row);
    if (answers.statuses.length === row.length || answers.closes || socket.closed || deadline.aborted) {
      socket.destroy();
      return answers;
    }
    await new Promise<void>((resolve) => {
      progress.wake = resolve;
    });
  }
}

function readAnswers(received: Buffer, row: readonly Ask[]): Answers {
  const statuses: number[] = [];
  let rest = received;
  for (;;) {
    const headEnd = rest.indexOf("\r\n\r\n");
    if (headEnd < 0) return { statuses, closes: false };
    const head = rest.subarray(0, headEnd).toString("latin1");
    const length = row[statuses.length]?.hasBody ? Number(/^content-length: ([0-9]+)$/im.exec(head)?.[1] ?? 0) : 0;
    if (rest.length < headEnd + 4 + length) return { statuses, closes: false };
    statuses.push(Number(head.slice(9, 12)));
    rest = rest.subarray(headEnd + 4 + length);
    if (/^connection: close$/im.test(head)) return { statuses, closes: true };
  }
}
