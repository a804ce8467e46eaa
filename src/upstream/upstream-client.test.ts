import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "../../test/testkit/fault.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { moduleTree } from "../../test/testkit/module-tree.ts";
import {
  askFor,
  bodyText,
  failingUpstream,
  problemOf,
  standingStill,
  testChain,
  until,
  upstreamConfig,
} from "../../test/testkit/test-chain.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";
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
    await using rig = await failingUpstream(tree, fault, 2, thrice);
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
    await using rig = await failingUpstream(tree, { kind: "status", status }, 9, thrice);
    await problemOf(standingStill(rig.clock, fetchText(rig.chain, askFor("info"))));
    assert.equal(rig.server.hits(), 1);
  });
}

test("fetch gives up after its attempts, and says how many there were and what was said", async () => {
  await using rig = await failingUpstream(tree, { kind: "status", status: 503, body: "disk full\nmore\n" }, 9, {
    retry: { attempts: 3, backoffMs: 0, maxBackoffMs: 0 },
  });
  const problem = await problemOf(standingStill(rig.clock, fetchText(rig.chain, askFor("info"))));
  assert.equal(rig.server.hits(), 3);
  assert.deepEqual(problem.tried, ['P1: 503 Service Unavailable: "disk full", attempt 3/3, 0 ms']);
});

test("fetch waits as long as Retry-After says, in seconds or as a date", async () => {
  for (const value of ["7", new Date(Date.UTC(2026, 0, 1, 0, 0, 7)).toUTCString()]) {
    await using rig = await failingUpstream(
      tree,
      { kind: "status", status: 429, headers: { "retry-after": value } },
      1,
      thrice,
    );
    const fetching = fetchText(rig.chain, askFor("info"));
    await until(() => rig.clock.delays.includes(7000));
    await rig.clock.advance(6999);
    assert.equal(rig.server.hits(), 1);
    await rig.clock.advance(1);
    await standingStill(rig.clock, fetching);
  }
});

test("fetch gives up at once where Retry-After is longer than its patience, and passes it on", async () => {
  await using rig = await failingUpstream(
    tree,
    { kind: "status", status: 503, headers: { "retry-after": "3600" } },
    9,
    thrice,
  );
  const problem = await problemOf(standingStill(rig.clock, fetchText(rig.chain, askFor("info"))));
  assert.equal(rig.server.hits(), 1);
  assert.deepEqual([problem.code, problem.status, problem.retryAfterMs], ["UPSTREAM_UNREACHABLE", 503, 3_600_000]);
});

test("fetch starts no attempt later than totalMs after the first", async () => {
  await using rig = await failingUpstream(tree, { kind: "silent" }, 9, {
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

test("fetch hands the body to receive anew where it broke off, and keeps nothing of the first", async () => {
  await using rig = await failingUpstream(tree, { kind: "truncate", how: "reset" }, 1, thrice);
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

test("fetch goes on past a mismatch of hashes whatever the separator, and ends in it where nobody has better", async () => {
  await using server = await UpstreamServer.start({ tree });
  for (const code of ["SUMDB_MISMATCH", "FIRST_SEEN_MISMATCH"] as const) {
    const refusal = new Problem(code, "want h1:a, got h1:b", { evidence: { wanted: "h1:a" } });
    const upstreams = [upstreamConfig(server.url, thrice), upstreamConfig(server.url, { name: "P2" })];
    await using comma = await testChain(upstreams);
    const honest = async (body: UpstreamBody): Promise<string> => {
      if (body.upstream === "P1") throw refusal;
      return bodyText(body);
    };
    assert.equal((await comma.fetch(askFor("zip"), honest, never)).upstream, "P2");
    server.reset();
    const problem = await problemOf(comma.fetch(askFor("zip"), () => Promise.reject(refusal), never));
    assert.deepEqual([problem.code, problem.message, problem.evidence], [code, refusal.message, { wanted: "h1:a" }]);
    assert.deepEqual([problem.tried.length, server.hits()], [2, 2], "no upstream is asked again for the same bytes");
  }
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
  await using rig = await failingUpstream(tree, { kind: "silent" }, 9, {
    ...thrice,
    breaker: { failures: 1, openMs: 1000 },
  });
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

test("fetch rejects with the signal's reason in the middle of a body too", async () => {
  await using rig = await failingUpstream(tree, { kind: "stall", afterBytes: 5 }, 99, thrice);
  const caller = new AbortController();
  const ask = askFor("zip");
  const receive = async (body: UpstreamBody): Promise<void> => {
    for await (const _chunk of body.chunks) caller.abort(new Error("the client is gone"));
  };
  await assert.rejects(rig.chain.fetch(ask, receive, caller.signal), /the client is gone/);
  await until(() => rig.server.openConnections === 0);
  assert.deepEqual([rig.server.hits(), rig.clock.pending, ask.tries[0]?.outcome], [1, 0, "skipped"]);
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
