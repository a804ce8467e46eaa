import assert from "node:assert/strict";
import type { OutgoingHttpHeaders } from "node:http";
import { after, test } from "node:test";
import { httpGet, type HttpAnswer } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const tree = await smallGraph();
const upstream = await UpstreamServer.start({ tree });
const modgate = await ModgateProcess.start({ upstream: upstream.url });
after(async () => {
  await modgate[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const stem = "/example.com/a/@v/v1.3.0";
const zip = `${stem}.zip`;
const ask = (path: string, headers: OutgoingHttpHeaders = {}, method = "GET"): Promise<HttpAnswer> =>
  httpGet(modgate.url, path, { headers, method });

test("serve answers HEAD with the headers of GET and no body, on every endpoint and below /v1/", async () => {
  for (const path of [
    `${stem}.info`,
    `${stem}.mod`,
    zip,
    "/example.com/a/@v/list",
    "/example.com/a/@latest",
    "/example.com/a/@v/main.info",
  ]) {
    const got = await ask(path);
    assert.deepEqual(got.body, tree.answer(path)?.body, `${path} is what the upstream has, byte for byte`);
    for (const alias of [path, `/v1${path}`]) {
      const head = await ask(alias, {}, "HEAD");
      assert.deepEqual([head.status, head.body.length], [200, 0], alias);
      for (const name of [
        "content-type",
        "content-length",
        "etag",
        "last-modified",
        "cache-control",
        "x-go-proxy-upstream",
      ])
        assert.equal(head.headers[name], got.headers[name], `${name} of ${alias}`);
      assert.equal(head.headers["content-length"], String(got.body.length), alias);
    }
    assert.equal(upstream.hits(path), 1, path);
  }
});

test("serve tells immutable version files from lists and queries in Cache-Control", async () => {
  for (const path of [`${stem}.info`, `${stem}.mod`, zip])
    assert.equal((await ask(path)).headers["cache-control"], "public, max-age=31536000, immutable", path);
  for (const path of ["/example.com/a/@v/list", "/example.com/a/@latest", "/example.com/a/@v/main.info"]) {
    const { headers } = await ask(path);
    assert.equal(headers["cache-control"], "public, max-age=60", path);
    assert.match(headers.age ?? "", /^[0-9]$/, path);
  }
});

test("serve answers 304 to If-None-Match and If-Modified-Since, with the validators and no body", async () => {
  for (const path of [`${stem}.mod`, zip, "/example.com/a/@v/list"]) {
    const { etag = "", "last-modified": modified = "" } = (await ask(path)).headers;
    for (const condition of [{ "if-none-match": etag }, { "if-none-match": "*" }, { "if-modified-since": modified }]) {
      const unchanged = await ask(path, condition);
      assert.deepEqual([unchanged.status, unchanged.body.length, unchanged.headers.etag], [304, 0, etag], path);
    }
    const older = new Date(Date.parse(modified) - 1000).toUTCString();
    for (const condition of [{ "if-none-match": '"x"' }, { "if-modified-since": older }])
      assert.equal((await ask(path, condition)).status, 200, path);
    const both = { "if-none-match": '"x"', "if-modified-since": modified };
    assert.equal((await ask(path, both)).status, 200, "If-None-Match has the last word");
  }
});

test("serve answers Range on zips with 206 or 416, and If-Range by ETag and date", async () => {
  const whole = (await ask(zip)).body;
  const { etag = "", "last-modified": modified = "" } = (await ask(zip)).headers;
  const { length } = whole;
  for (const [range, start, end] of [
    ["bytes=0-0", 0, 0],
    ["bytes=5-", 5, length - 1],
    ["bytes=-7", length - 7, length - 1],
    [`bytes=3-${length * 2}`, 3, length - 1],
  ] as const) {
    for (const condition of [{}, { "if-range": etag }, { "if-range": modified }]) {
      const part = await ask(zip, { range, ...condition });
      assert.equal(part.status, 206, range);
      assert.equal(part.headers["content-range"], `bytes ${start}-${end}/${length}`);
      assert.deepEqual(part.body, whole.subarray(start, end + 1), range);
      assert.equal(part.headers.etag, etag);
    }
  }
  for (const headers of [
    { range: "bytes=0-0", "if-range": '"other"' },
    { range: "bytes=0-0", "if-range": "Thu, 01 Jan 1970 00:00:00 GMT" },
    { range: "lines=0-0" },
    { range: "bytes=5-2" },
  ])
    assert.deepEqual((await ask(zip, headers)).body, whole, JSON.stringify(headers));
  const beyond = await ask(zip, { range: `bytes=${length}-` });
  assert.deepEqual([beyond.status, beyond.headers["content-range"]], [416, `bytes */${length}`]);
});

test("serve fetches .info, .mod and .zip each alone", async () => {
  for (const kind of ["mod", "info", "zip"]) {
    upstream.requests.length = 0;
    const path = `/example.com/b/@v/v1.1.0.${kind}`;
    assert.deepEqual((await ask(path)).body, tree.answer(path)?.body);
    assert.deepEqual(
      upstream.requests.map((seen) => `${seen.method} ${seen.path}`),
      [`GET ${path}`],
    );
  }
});

test("serve refuses other methods with 405 and Allow, and bad paths with 400, and asks nobody", async () => {
  upstream.requests.length = 0;
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    const { status, headers } = await ask(`${stem}.info`, {}, method);
    assert.deepEqual([status, headers.allow], [405, "GET, HEAD"], method);
  }
  for (const path of [
    "/",
    "/example.com/a",
    "/example.com/A/@v/list",
    "/example.com/../../etc/@v/list",
    "/example.com/a/@v/..%2f..%2f..%2fetc%2fpasswd.info",
    "/example.com/a/@v/main.zip",
    "/v1/v1/example.com/a/@v/list",
    "/index?limit=-1",
  ]) {
    const { status, headers, body } = await ask(path);
    assert.equal(status, 400, path);
    assert.equal(headers["content-type"], "text/plain; charset=utf-8");
    assert.match(body.toString(), /^modgate: invalid: .*\n.*help: .*\nrequest \S+ \([A-Z_]+\)\n$/s, path);
  }
  assert.equal(upstream.requests.length, 0);
});

test("/index lists versions by the time they were first seen here, and pages by since and limit", async () => {
  for (const version of ["v1.0.0", "v1.1.0", "v1.2.0"]) await ask(`/example.com/retr/@v/${version}.mod`);
  await ask("/example.com/retr/@v/v1.0.0.info");
  const { body, headers } = await ask("/index");
  assert.equal(headers["content-type"], "application/x-ndjson");
  const rows = rowsOf(body);
  const seen = rows.filter(({ Path }) => Path === "example.com/retr").map(({ Version }) => Version);
  assert.deepEqual(seen, ["v1.0.0", "v1.1.0", "v1.2.0"], "each once, in the order of the first requests");
  assert.deepEqual(
    rows,
    [...rows].sort((left, right) => Date.parse(left.Timestamp) - Date.parse(right.Timestamp)),
  );
  const paged: Row[] = [];
  for (let since = ""; ;) {
    const page = rowsOf((await ask(`/index?limit=2${since}`)).body);
    if (page.length === 0) break;
    paged.push(...page);
    since = `&since=${page.at(-1)?.Timestamp}`;
  }
  assert.deepEqual(paged, rows, "no page misses or repeats one");
});

interface Row {
  readonly Path: string;
  readonly Version: string;
  readonly Timestamp: string;
}

function rowsOf(body: Buffer): Row[] {
  return body
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);
}
