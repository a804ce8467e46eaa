import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseRequestHead } from "./request-head.ts";

const plain =
  "GET /example.com/m/@v/v1.0.0.info HTTP/1.1\r\nHost: proxy\r\nUser-Agent: Go-http-client/1.1\r\nAccept-Encoding: gzip\r\n\r\n";

test("parseRequestHead reads what go sends, and leaves the next request alone", () => {
  const head = parseRequestHead(`xx${plain}GET /next`, 2, null);
  assert.deepEqual(head && { ...head, headers: { ...head.headers } }, {
    method: "GET",
    target: "/example.com/m/@v/v1.0.0.info",
    headers: { host: "proxy", "user-agent": "Go-http-client/1.1", "accept-encoding": "gzip" },
    fields: "Host: proxy\r\nUser-Agent: Go-http-client/1.1\r\nAccept-Encoding: gzip\r\n\r\n",
    end: 2 + plain.length,
  });
});

test("parseRequestHead takes over the headers of the head before only where every byte is the same", () => {
  const first = parseRequestHead(plain, 0, null);
  const same = parseRequestHead(plain.replace("/m/", "/other/"), 0, first);
  assert.equal(same?.target, "/example.com/other/@v/v1.0.0.info");
  assert.equal(same?.headers, first?.headers);
  const other = parseRequestHead(plain.replace("gzip", "br"), 0, first);
  assert.equal(other?.headers["accept-encoding"], "br");
  const longer = parseRequestHead(plain.replace("gzip\r\n", "gzip\r\nRange: bytes=0-1\r\n"), 0, first);
  assert.equal(longer?.headers["range"], "bytes=0-1");
  assert.equal(parseRequestHead(plain.replace("gzip\r\n", "gzip\r\nContent-Length: 1\r\n"), 0, first), null);
});

const leftToNode: Record<string, string> = {
  "a body by Content-Length": plain.replace("Host", "Content-Length: 5\r\nHost"),
  "a body by Transfer-Encoding": plain.replace("Host", "Transfer-Encoding: chunked\r\nHost"),
  "an interim answer": plain.replace("Host", "Expect: 100-continue\r\nHost"),
  "another protocol": plain.replace("Host", "Upgrade: h2c\r\nHost"),
  "a wish about the connection": plain.replace("Host", "Connection: close\r\nHost"),
  "two Host lines": plain.replace("Host", "host: other\r\nHost"),
  "two lines of one name": plain.replace("Host", "Range: bytes=0-1\r\nrange: bytes=5-6\r\nHost"),
  "no Host line": plain.replace("Host: proxy\r\n", ""),
  "another method": plain.replace("GET", "POST"),
  "a method in lower case": plain.replace("GET", "get"),
  "HTTP/1.0": plain.replace("HTTP/1.1", "HTTP/1.0"),
  "an absolute target": plain.replace(" /", " http://proxy/"),
  "a target with a space": plain.replace("/m/", "/m /"),
  "a target beyond ASCII": plain.replace("/m/", "/\u00e9/"),
  "a target of 4,097 characters": plain.replace("/m/", `/${"m".repeat(4070)}/`),
  "a bare line feed": plain.replace("proxy\r\n", "proxy\n"),
  "a bare carriage return": plain.replace("proxy\r\n", "proxy\r"),
  "a folded line": plain.replace("proxy\r\n", "proxy\r\n folded\r\n"),
  "a space before the colon": plain.replace("Host:", "Host :"),
  "a line without a name": plain.replace("Host:", ":"),
  "a line without a colon": plain.replace("Host:", "Host"),
  "a NUL in a value": plain.replace("proxy", "pro\0xy"),
  "a tab in a value": plain.replace("proxy", "pro\txy"),
  "a value beyond ASCII": plain.replace("proxy", "pr\u00f6xy"),
  "more than 8,192 bytes of fields": plain.replace("proxy", "p".repeat(8192)),
  "more than 64 fields": plain.replace(
    "Host",
    `${Array.from({ length: 62 }, (_, index) => `X-${index}: 1\r\n`).join("")}Host`,
  ),
  "an empty line first": `\r\n${plain}`,
};
for (const [what, bytes] of Object.entries(leftToNode)) {
  test(`parseRequestHead leaves ${what} to node:http`, () => assert.equal(parseRequestHead(bytes, 0, null), null));
}

test("parseRequestHead leaves every head that is not whole to node:http", () => {
  for (let length = 0; length < plain.length; length++) {
    assert.equal(parseRequestHead(plain.slice(0, length), 0, null), null, `of ${length} bytes`);
  }
});

test("parseRequestHead accepts nothing that node:http reads in another way", async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  let accepted = 0;
  let left = 0;
  const property = fc.asyncProperty(head, async (bytes) => {
    const parsed = parseRequestHead(bytes, 0, null);
    if (parsed === null) {
      left++;
      return;
    }
    accepted++;
    // A head that node:http ends elsewhere, or sees a body behind, would swallow or spoil the request that follows.
    const read = await readByNode(`${bytes.slice(0, parsed.end)}${sentinel}`);
    assert.deepEqual(
      read.map(({ target }) => target),
      [parsed.target, "/sentinel"],
    );
    assert.equal(read[0]?.method, parsed.method);
    assert.deepEqual(read[0]?.headers, { ...parsed.headers });
    assert.equal(read[0]?.lines, parsed.fields.split("\r\n").length - 2);
  });
  await fc.assert(property, { seed, numRuns: 3000 });
  assert.ok(accepted > 600 && left > 600, `accepted ${accepted}, left ${left}: the generator has lost its balance`);
});

const sentinel = "GET /sentinel HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n";

interface Read {
  readonly method: string | undefined;
  readonly target: string | undefined;
  readonly headers: Record<string, unknown>;
  readonly lines: number;
}

async function readByNode(bytes: string): Promise<Read[]> {
  const read: Read[] = [];
  const server = createServer((request, response) => {
    const { method, url: target, headers, rawHeaders } = request;
    read.push({ method, target, headers: { ...headers }, lines: rawHeaders.length / 2 });
    response.end();
  });
  const [client, accepted] = duplexPair();
  server.emit("connection", accepted);
  client.resume();
  client.end(bytes, "latin1");
  await once(client, "close");
  return read;
}

const names = [
  "Host",
  "User-Agent",
  "Accept",
  "Accept-Encoding",
  "Range",
  "If-None-Match",
  "traceparent",
  "X-Request-Id",
  "Via",
  "Cookie",
];
const hazardLines = [
  "Connection: close\r\n",
  "Content-Length: 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Expect: 100-continue\r\n",
  "Upgrade: h2c\r\n",
];
const hazards = [
  "Content-Length",
  "Transfer-Encoding",
  "Connection",
  "Upgrade",
  "Expect",
  "TE",
  "host",
  "__proto__",
  "constructor",
  "X Y",
  "",
];
const rarely = <T>(common: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: common, weight: 30 }, { arbitrary: rare, weight: 1 });
const lineEnd = rarely(fc.constant("\r\n"), fc.constantFrom("\n", "\r", "\r\r\n", "\n\r\n", "\r\n ", "\r\n\t"));
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 12,
});
const value = rarely(
  fc.string({ unit: "grapheme-ascii", maxLength: 20 }),
  fc.oneof(anyText, fc.constantFrom("5", "chunked", "close", "100-continue")),
);
const wellMeantField = fc
  .tuple(
    rarely(fc.constantFrom(...names), fc.oneof(fc.constantFrom(...hazards), anyText)),
    rarely(fc.constantFrom(":", ": ", ":  "), fc.constantFrom(" :", ":\t", "::", "")),
    value,
    lineEnd,
  )
  .map((parts) => parts.join(""));
const field = rarely(wellMeantField, fc.constantFrom(...hazardLines));
const target = rarely(
  fc.webPath().map((path) => `/example.com/m/@v/v1.0.0.info${path}`),
  fc.oneof(
    fc.string({ unit: "grapheme-ascii" }),
    fc.constantFrom("*", "http://h/p", "//h/p", "/a#b", "/%00", '/"', "/\\", "/{}|^`"),
  ),
);
const requestLine = fc
  .tuple(
    rarely(fc.constantFrom("GET", "HEAD"), fc.constantFrom("POST", "get", "GE", "PRI", " GET", "GET\t")),
    target,
    rarely(fc.constant("HTTP/1.1"), fc.constantFrom("HTTP/1.0", "HTTP/2.0", "HTTP/1.1 ", " HTTP/1.1", "http/1.1", "")),
    lineEnd,
  )
  .map(([method, path, version, end]) => `${method} ${path} ${version}${end}`);
const edit = fc.record({
  at: fc.nat({ max: 400 }),
  drop: fc.nat({ max: 2 }),
  put: anyText.map((text) => text.slice(0, 2)),
});
const edits = rarely(
  fc.constant<{ at: number; drop: number; put: string }[]>([]),
  fc.array(edit, { minLength: 1, maxLength: 3 }),
);
const head = fc
  .tuple(
    requestLine,
    fc.uniqueArray(field, { maxLength: 6, selector: (line) => line.split(":")[0]?.toLowerCase() }),
    fc.array(field, { maxLength: 1 }),
    edits,
    rarely(fc.constant(false), fc.constant(true)),
  )
  .map(([first, fields, repeated, changes, isHostless]) => {
    const host = isHostless || fields.some((line) => line.startsWith("Host")) ? "" : "Host: h\r\n";
    let bytes = `${first}${host}${fields.join("")}${repeated.length === 1 && fields.length % 3 === 0 ? repeated[0] : ""}\r\n`;
    for (const { at, drop, put } of changes) bytes = bytes.slice(0, at) + put + bytes.slice(at + drop);
    return bytes;
  });
