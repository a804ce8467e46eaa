import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../kernel/problem.ts";
import { someExchange, someTry } from "../../test/testkit/some-exchange.ts";
import { accessLine } from "./access-line.ts";
import { AccessLog } from "./access-log.ts";

const parsed = (line: string): unknown => {
  assert.ok(line.endsWith("\n") && !line.slice(0, -1).includes("\n"), "exactly one line");
  return JSON.parse(line);
};

test("accessLine has every field of a cached answer and no other", () => {
  assert.deepEqual(parsed(accessLine(someExchange())), {
    time: "2026-01-01T12:00:00.000Z",
    level: "info",
    requestId: "0f3k2m9a00001",
    tenant: "default",
    module: "example.com/a",
    version: "v1.0.0",
    endpoint: "info",
    verdict: "ok",
    status: 200,
    cache: "hit",
    upstream: "proxy",
    ms: 0.432,
    bytes: 123,
    method: "GET",
    path: "/example.com/a/@v/v1.0.0.info",
    client: "10.0.0.12",
    userAgent: "Go-http-client/1.1",
    generation: 1,
    traceId: "0af7651916cd43dd8448eb211c80319c",
  });
});

test("accessLine names code, message and every try of a refusal", () => {
  const problem = new Problem("UPSTREAM_UNREACHABLE", "Cannot reach https://user:secret@proxy.test/x?token=abc");
  const tries = [
    someTry({ outcome: "unreachable", status: 503, reason: "503 from https://user:secret@proxy.test/" }),
    someTry({ outcome: "unreachable", status: null, reason: "ECONNREFUSED", attempt: 2, breaker: "open", tookMs: 3.4 }),
  ];
  const text = accessLine(
    someExchange({ verdict: "unreachable", status: 502, problem, tries, rule: "modgate.yaml:4", ageSeconds: 7 }),
  );
  assert.doesNotMatch(text, /secret|abc/);
  const line = parsed(text);
  assert.partialDeepStrictEqual(line, {
    level: "warn",
    code: "UPSTREAM_UNREACHABLE",
    message: "Cannot reach https://***@proxy.test/x?token=***",
    rule: "modgate.yaml:4",
    ageSeconds: 7,
    tries: [
      { upstream: "proxy", attempt: 1, outcome: "unreachable", status: 503, ms: 12, breaker: "closed" },
      { reason: "ECONNREFUSED", attempt: 2, status: null, ms: 3, breaker: "open" },
    ],
  });
  assert.ok(!text.includes('"stack"'));
});

test("accessLine shows tries only where there were several or one failed", () => {
  const triesOf = (line: string): boolean => line.includes('"tries"');
  assert.equal(triesOf(accessLine(someExchange({ tries: [someTry()] }))), false);
  assert.equal(triesOf(accessLine(someExchange({ tries: [someTry({ outcome: "absent" })] }))), false);
  assert.equal(triesOf(accessLine(someExchange({ tries: [someTry({ outcome: "damaged" })] }))), true);
  assert.equal(triesOf(accessLine(someExchange({ tries: [someTry({ outcome: "absent" }), someTry()] }))), true);
});

test("accessLine gives the stack of a bug under its request id", () => {
  const problem = Problem.from(new TypeError("x is not a function"));
  const line = accessLine(someExchange({ verdict: "unreachable", status: 500, problem }));
  assert.match(line, /"level":"error".*"requestId":"0f3k2m9a00001".*"stack":"TypeError: x is not a function\\n +at /);
});

test("accessLine masks every query value but modgate's own, and user names of URLs", () => {
  const pathOf = (path: string): unknown => Object(parsed(accessLine(someExchange({ path })))).path;
  assert.equal(pathOf("/example.com/a?go-get=1"), "/example.com/a?go-get=1");
  assert.equal(pathOf("/index?since=2026-01-01T00:00:00Z&limit=5"), "/index?since=2026-01-01T00:00:00Z&limit=5");
  assert.equal(pathOf("/a?token=s3cret&go-get=1&key=a=b&flag"), "/a?token=***&go-get=1&key=***&flag");
  assert.equal(pathOf("http://user:s3cret@host/a@v1"), "http://***@host/a@v1");
  assert.equal(pathOf("/sumdb/sum.golang.org/lookup/a.b/c@v1.0.0"), "/sumdb/sum.golang.org/lookup/a.b/c@v1.0.0");
});

test("accessLine keeps line breaks and quotes of clients inside its strings", () => {
  const userAgent = 'x"\n{"level":"fatal"}\u2028';
  assert.partialDeepStrictEqual(parsed(accessLine(someExchange({ userAgent }))), { userAgent });
});

test("accessLine knows the module and version of each kind of request", () => {
  const sumdb = { kind: "sumdb", name: "sum.golang.org", rest: "", key: "k" } as const;
  const rows = [
    [{ kind: "query", module: "m.io/q", escapedModule: "m.io/q", query: "main", key: "k" }, "m.io/q", "main"],
    [{ kind: "list", module: "m.io/l", escapedModule: "m.io/l", key: "k" }, "m.io/l", null],
    [{ ...sumdb, op: "lookup", module: "m.io/s", version: "v1.0.0" }, "m.io/s", "v1.0.0"],
    [{ ...sumdb, op: "tile", module: null, version: null }, null, null],
    [{ kind: "index", sinceMs: 0, limit: 1 }, null, null],
    [null, null, null],
  ] as const;
  for (const [request, module, version] of rows) {
    assert.partialDeepStrictEqual(parsed(accessLine(someExchange({ request }))), { module, version });
  }
});

test("AccessLog.record writes only lines at or above its level", () => {
  const wants = [
    ["trace", 4],
    ["info", 4],
    ["warn", 3],
    ["error", 1],
    ["silent", 0],
  ] as const;
  for (const [level, count] of wants) {
    const lines: string[] = [];
    const log = new AccessLog({ write: (line) => void lines.push(line) }, level);
    log.record(someExchange());
    log.record(someExchange({ verdict: "damaged", problem: new Problem("UPSTREAM_DAMAGED", "half a zip") }));
    log.record(someExchange({ verdict: "unreachable", problem: Problem.from(new Error("bug")) }));
    log.record(someExchange({ verdict: "unreachable", problem: new Problem("SHUTTING_DOWN", "draining") }));
    assert.equal(lines.length, count, level);
  }
});
