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
import { deadPort } from "../../test/testkit/dead-port.ts";
import type { Chain, UpstreamAsk } from "../ports/upstream.ts";

const tree = await moduleTree([{ path: "example.com/a", version: "v1.0.0" }]);
const never = new AbortController().signal;
const unavailable: Fault = { kind: "status", status: 503 };

async function fetchText(chain: Chain, ask: UpstreamAsk, signal = never): Promise<string> {
  const result = await chain.fetch(ask, bodyText, signal);
  assert.equal(result.kind, "found");
  return result.kind === "found" ? result.value : "";
}

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
  await using rig = await failingUpstream(tree, unavailable, 2, { breaker: { failures: 2, openMs: 1000 } });
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
  await using rig = await failingUpstream(tree, { kind: "status", status: 500 }, 3, {
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

test("the breaker counts bodies that break off, and ends the attempts of the request that opens it", async () => {
  const retry = { attempts: 3, backoffMs: 0, maxBackoffMs: 0 };
  const breaker = { failures: 2, openMs: 1000 };
  await using cut = await failingUpstream(tree, { kind: "truncate", how: "reset" }, 99, { retry, breaker });
  await problemOf(standingStill(cut.clock, fetchText(cut.chain, askFor("zip"))));
  assert.equal(cut.chain.health()[0]?.breaker, "closed", "one request counts once");
  await problemOf(standingStill(cut.clock, fetchText(cut.chain, askFor("zip"))));
  assert.equal(cut.chain.health()[0]?.breaker, "open");

  await using silent = await failingUpstream(tree, { kind: "reset" }, 99, { retry, breaker });
  const ask = askFor("zip");
  await problemOf(standingStill(silent.clock, fetchText(silent.chain, ask)));
  assert.deepEqual(
    ask.tries.map((attempt) => attempt.outcome),
    ["unreachable", "unreachable"],
  );
});

test("a hedged request is sent after hedgeAfterMs, the first answer wins and the other is aborted", async () => {
  await using rig = await failingUpstream(tree, { kind: "silent" }, 1, { hedgeAfterMs: 200 });
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
  await using rig = await failingUpstream(tree, unavailable, 0, { hedgeAfterMs: 200 });
  await standingStill(rig.clock, fetchText(rig.chain, askFor("info")));
  await rig.clock.advance(10_000);
  assert.equal(rig.server.hits(), 1);
});
