import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "../../test/testkit/fault.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { moduleTree } from "../../test/testkit/module-tree.ts";
import { askFor, bodyText, standingStill, testChain, until, upstreamConfig } from "../../test/testkit/test-chain.ts";
import { deadPort, UpstreamServer } from "../../test/testkit/upstream-server.ts";
import type { UpstreamConfig } from "../config/config.ts";
import { Problem } from "../kernel/problem.ts";
import type { Chain, UpstreamAsk, UpstreamBody } from "../ports/upstream.ts";

const tree = await moduleTree([{ path: "example.com/a", version: "v1.0.0" }]);
const never = new AbortController().signal;
const thrice = { retry: { attempts: 3, backoffMs: 100, maxBackoffMs: 1000 } };
const unavailable: Fault = { kind: "status", status: 503 };

async function fetchText(chain: Chain, ask: UpstreamAsk, signal = never): Promise<string> {
  const result = await chain.fetch(ask, bodyText, signal);
  assert.equal(result.kind, "found");
  return result.kind === "found" ? result.value : "";
}

async function problemOf(fetching: Promise<unknown>): Promise<Problem> {
  const error = await fetching.then(
    () => assert.fail("it was fetched"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof Problem, String(error));
  return error;
}

/** The chain of one upstream that fails `times` times with `fault`, and whose random numbers are all one half. */
async function failing(fault: Fault, times: number, settings: Partial<UpstreamConfig>) {
  const server = await UpstreamServer.start({ tree });
  server.fail({ match: "*", times, fault });
  const clock = new FakeClock();
  const chain = await testChain([upstreamConfig(server.url, settings)], { clock, random: () => 0.5 });
  const stack = new AsyncDisposableStack();
  stack.use(server);
  stack.use(chain);
  return { server, clock, chain, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

for (const [name, fault] of Object.entries<Fault>({
  "503": unavailable,
  "500": { kind: "status", status: 500 },
  "429": { kind: "status", status: 429 },
  "a reset": { kind: "reset" },
  "a closed connection": { kind: "close" },
  "a truncated body": { kind: "truncate", how: "content-length" },
  "a body cut in its chunks": { kind: "truncate", how: "chunked" },
})) {
  test(`fetch asks again after ${name}, with back-off, and reports each attempt`, async () => {
    await using rig = await failing(fault, 2, thrice);
    const ask = askFor("info");
    const fetching = fetchText(rig.chain, ask);
    await until(() => rig.clock.delays.includes(50));
    await rig.clock.advance(50);
    await until(() => rig.clock.delays.includes(100));
    assert.equal(rig.server.hits(), 2, "the second attempt waits for its back-off");
    await rig.clock.advance(100);
    assert.equal(await standingStill(rig.clock, fetching), tree.get("example.com/a", "v1.0.0").info.toString());
    assert.equal(rig.server.hits(), 3);
    assert.deepEqual(
      ask.tries.map(({ attempt, outcome }) => [attempt, outcome]),
      [
        [1, "unreachable"],
        [2, "unreachable"],
        [3, "found"],
      ],
    );
  });
}

for (const status of [400, 401, 403, 404, 410, 501]) {
  test(`fetch does not ask again after ${status}`, async () => {
    await using rig = await failing({ kind: "status", status }, 9, thrice);
    await problemOf(standingStill(rig.clock, fetchText(rig.chain, askFor("info"))));
    assert.equal(rig.server.hits(), 1);
  });
}

test("fetch gives up after its attempts, and says how many there were and what was said", async () => {
  await using rig = await failing({ kind: "status", status: 503, body: "disk full\nmore\n" }, 9, {
    retry: { attempts: 3, backoffMs: 0, maxBackoffMs: 0 },
  });
  const problem = await problemOf(standingStill(rig.clock, fetchText(rig.chain, askFor("info"))));
  assert.equal(rig.server.hits(), 3);
  assert.deepEqual(problem.tried, ['P1: 503 Service Unavailable: "disk full", attempt 3/3, 0 ms']);
});

test("fetch waits as long as Retry-After says, in seconds or as a date", async () => {
  for (const value of ["7", new Date(Date.UTC(2026, 0, 1, 0, 0, 7)).toUTCString()]) {
    await using rig = await failing({ kind: "status", status: 429, headers: { "retry-after": value } }, 1, thrice);
    const fetching = fetchText(rig.chain, askFor("info"));
    await until(() => rig.clock.delays.includes(7000));
    await rig.clock.advance(6999);
    assert.equal(rig.server.hits(), 1);
    await rig.clock.advance(1);
    await standingStill(rig.clock, fetching);
  }
});

test("fetch gives up at once where Retry-After is longer than its patience, and passes it on", async () => {
  await using rig = await failing({ kind: "status", status: 503, headers: { "retry-after": "3600" } }, 9, thrice);
  const problem = await problemOf(standingStill(rig.clock, fetchText(rig.chain, askFor("info"))));
  assert.equal(rig.server.hits(), 1);
  assert.deepEqual([problem.code, problem.status, problem.retryAfterMs], ["UPSTREAM_UNREACHABLE", 503, 3_600_000]);
});

test("fetch starts no attempt later than totalMs after the first", async () => {
  await using rig = await failing({ kind: "silent" }, 9, {
    ...thrice,
    timeouts: { connectMs: 1000, headersMs: 1000, idleMs: 1000, totalMs: 1500 },
  });
  const ask = askFor("info");
  const fetching = problemOf(fetchText(rig.chain, ask));
  await until(() => rig.server.hits() === 1);
  await rig.clock.advance(1000);
  await until(() => rig.clock.delays.includes(50));
  await rig.clock.advance(50);
  await until(() => rig.server.hits() === 2);
  await rig.clock.advance(1000);
  const problem = await fetching;
  assert.equal(rig.server.hits(), 2);
  assert.deepEqual([problem.status, problem.verdict], [504, "unreachable"]);
});

test("the breaker spares the second request a dead upstream, and says so with Retry-After", async () => {
  const clock = new FakeClock();
  const config = upstreamConfig(`http://127.0.0.1:${await deadPort()}`, {
    retry: { attempts: 3, backoffMs: 0, maxBackoffMs: 0 },
    breaker: { failures: 3, openMs: 15_000 },
  });
  await using chain = await testChain([config], { clock });
  assert.equal((await problemOf(standingStill(clock, fetchText(chain, askFor("info"))))).code, "UPSTREAM_UNREACHABLE");
  const ask = askFor("mod");
  const problem = await problemOf(fetchText(chain, ask));
  assert.deepEqual([problem.code, problem.status, problem.retryAfterMs], ["BREAKER_OPEN", 503, 15_000]);
  assert.match(problem.tried[0] ?? "", /^P1: not asked for another 15 s, it failed with: connection refused$/);
  assert.deepEqual(
    ask.tries.map(({ outcome, breaker, status }) => [outcome, breaker, status]),
    [["skipped", "open", null]],
  );
  assert.equal(chain.health()[0]?.breaker, "open");
});

test("the breaker lets one request try after openMs, and closes when it is answered", async () => {
  await using rig = await failing(unavailable, 2, { breaker: { failures: 2, openMs: 1000 } });
  for (let count = 0; count < 2; count++)
    await problemOf(standingStill(rig.clock, fetchText(rig.chain, askFor("info"))));
  assert.equal(rig.chain.health()[0]?.breaker, "open");
  await rig.clock.advance(1000);
  const gate = rig.server.hold("*");
  const trial = fetchText(rig.chain, askFor("info"));
  await gate.arrived();
  assert.equal(
    (await problemOf(fetchText(rig.chain, askFor("mod")))).code,
    "BREAKER_OPEN",
    "a second one beside the trial",
  );
  gate.release();
  await standingStill(rig.clock, trial);
  assert.deepEqual([rig.chain.health()[0]?.breaker, rig.chain.health()[0]?.lastFailure], ["closed", null]);
  assert.equal(rig.server.hits(), 3);
});

test("the breaker counts a module that always answers 500 once a request, and absence and refusal never", async () => {
  await using rig = await failing({ kind: "status", status: 500 }, 3, {
    retry: { attempts: 3, backoffMs: 0, maxBackoffMs: 0 },
    breaker: { failures: 2, openMs: 1000 },
  });
  await problemOf(standingStill(rig.clock, fetchText(rig.chain, askFor("info"))));
  assert.equal(rig.server.hits(), 3);
  assert.equal(rig.chain.health()[0]?.breaker, "closed");
  for (const status of [404, 403, 404, 403]) {
    const stop = rig.server.fail({ match: "*", fault: { kind: "status", status } });
    await problemOf(standingStill(rig.clock, fetchText(rig.chain, askFor("info"))));
    stop();
  }
  assert.equal(rig.chain.health()[0]?.breaker, "closed");
});

test("a hedged request is sent after hedgeAfterMs, the first answer wins and the other is aborted", async () => {
  await using rig = await failing({ kind: "silent" }, 1, { hedgeAfterMs: 200 });
  const ask = askFor("info");
  const fetching = fetchText(rig.chain, ask);
  await until(() => rig.server.hits() === 1 && rig.clock.delays.includes(200));
  await rig.clock.advance(199);
  assert.equal(rig.server.hits(), 1);
  await rig.clock.advance(1);
  await standingStill(rig.clock, fetching);
  await until(() => rig.server.requests[0]?.aborted === true);
  assert.equal(rig.server.hits(), 2);
  assert.deepEqual(
    ask.tries.map(({ outcome, attempt }) => [outcome, attempt]),
    [
      ["skipped", 1],
      ["found", 1],
    ],
  );
});

test("no request is hedged while its answer comes in time", async () => {
  await using rig = await failing(unavailable, 0, { hedgeAfterMs: 200 });
  await standingStill(rig.clock, fetchText(rig.chain, askFor("info")));
  await rig.clock.advance(10_000);
  assert.equal(rig.server.hits(), 1);
});

test("fetch hands the body to receive anew where it broke off, and keeps nothing of the first", async () => {
  await using rig = await failing({ kind: "truncate", how: "reset" }, 1, thrice);
  const seen: number[] = [];
  const receive = async (body: UpstreamBody): Promise<string> => {
    seen.push(body.size ?? -1);
    return bodyText(body);
  };
  const fetching = rig.chain.fetch(askFor("zip"), receive, never);
  await until(() => rig.clock.delays.includes(50));
  await rig.clock.advance(50);
  const result = await standingStill(rig.clock, fetching);
  const zip = tree.get("example.com/a", "v1.0.0").zip;
  assert.deepEqual(seen, [zip.length, zip.length]);
  assert.equal(result.kind === "found" ? result.value : "", zip.toString());
});

test("fetch counts UPSTREAM_DAMAGED of receive as the upstream's failure, and goes on by the separator", async () => {
  await using server = await UpstreamServer.start({ tree });
  const upstreams = [upstreamConfig(server.url, thrice), upstreamConfig(server.url, { name: "P2" })];
  const receive = async (body: UpstreamBody): Promise<string> => {
    if (body.upstream === "P1") throw new Problem("UPSTREAM_DAMAGED", "no zip at all");
    return bodyText(body);
  };
  await using pipe = await testChain(upstreams, { separators: ["|"] });
  assert.equal((await pipe.fetch(askFor("zip"), receive, never)).upstream, "P2");
  await using comma = await testChain(upstreams);
  const ask = askFor("zip");
  const problem = await problemOf(comma.fetch(ask, receive, never));
  assert.equal(problem.code, "UPSTREAM_DAMAGED");
  assert.match(problem.message, /no zip at all/);
  assert.deepEqual(
    ask.tries.map((attempt) => attempt.outcome),
    ["damaged"],
  );
});

test("fetch throws on at once what else receive throws, such as STORE_FAILED", async () => {
  await using server = await UpstreamServer.start({ tree });
  const upstreams = [upstreamConfig(server.url, thrice), upstreamConfig(server.url, { name: "P2" })];
  await using chain = await testChain(upstreams, { separators: ["|"] });
  const full = new Problem("STORE_FAILED", "disk full");
  const error = await problemOf(chain.fetch(askFor("zip"), () => Promise.reject(full), never));
  assert.equal(error, full);
  assert.equal(server.hits(), 1);
});

test("fetch rejects with the signal's reason, frees the connection and blames nobody", async () => {
  await using rig = await failing({ kind: "silent" }, 9, { ...thrice, breaker: { failures: 1, openMs: 1000 } });
  const caller = new AbortController();
  const ask = askFor("info");
  const fetching = fetchText(rig.chain, ask, caller.signal);
  await until(() => rig.server.hits() === 1);
  const reason = new Error("the client is gone");
  caller.abort(reason);
  await assert.rejects(fetching, reason);
  await until(() => rig.server.openConnections === 0);
  assert.equal(rig.chain.health()[0]?.breaker, "closed");
  assert.equal(rig.clock.pending, 0);
  assert.deepEqual(
    ask.tries.map((attempt) => attempt.outcome),
    ["skipped"],
  );
});

test("fetch sends at most `connections` requests at once, and the others in turn", async () => {
  await using server = await UpstreamServer.start({ tree });
  const clock = new FakeClock();
  await using chain = await testChain([upstreamConfig(server.url, { connections: 2 })], { clock });
  const gate = server.hold("*");
  const all = Array.from({ length: 6 }, () => fetchText(chain, askFor("info")));
  await gate.arrived(2);
  await clock.advance(0);
  assert.equal(gate.waiting, 2);
  gate.release();
  await standingStill(clock, Promise.all(all));
  assert.equal(server.hits(), 6);
  assert.equal(server.connections, 2);
});
