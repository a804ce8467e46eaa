import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { failed, type Answer } from "./answer.ts";
import { bytesAnswer } from "./bytes-answer.ts";
import { failure } from "./failure.ts";
import { raceHedged } from "./hedge.ts";
import { Turns } from "../kernel/turns.ts";

const outage = failed(failure("unreachable", "503", { mayRetry: true }));
const missing = failed(failure("absent", "404"));

/** A hedged request whose answers the test gives. */
function race(turns = new Turns(2)) {
  const clock = new FakeClock();
  const sent: { answer: (answer: Answer) => void; signal: AbortSignal }[] = [];
  let losers = 0;
  const caller = new AbortController();
  const send = (signal: AbortSignal): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    signal.addEventListener("abort", () => reject(signal.reason));
    sent.push({ answer: resolve, signal });
    return promise;
  };
  const result = raceHedged({ clock, hedgeAfterMs: 100, turns, send, onLoser: () => losers++ }, caller.signal);
  result.catch(() => {});
  return { clock, sent, result, caller, turns, losers: () => losers };
}

test("raceHedged waits for the other request where one meets an outage", async () => {
  for (const firstFails of [true, false]) {
    const { clock, sent, result, losers } = race();
    await clock.advance(100);
    assert.equal(sent.length, 2);
    const [loser, winner] = firstFails ? sent : sent.toReversed();
    loser?.answer(outage);
    await clock.advance(0);
    const found = bytesAnswer("x", "text/plain");
    winner?.answer(found);
    assert.equal(await result, found);
    assert.equal(losers(), 0, "nobody was given up");
  }
});

test("raceHedged takes absence for an answer, aborts the other request and frees both turns", async () => {
  const { clock, sent, result, turns, losers } = race();
  await clock.advance(100);
  assert.equal(turns.isFull, true);
  sent[1]?.answer(missing);
  assert.equal(await result, missing);
  await clock.advance(0);
  assert.deepEqual([sent[0]?.signal.aborted, sent[1]?.signal.aborted, losers(), turns.isFull], [true, false, 1, false]);
});

test("raceHedged gives the last outage where both requests meet one", async () => {
  const { clock, sent, result } = race();
  await clock.advance(100);
  sent[0]?.answer(outage);
  const last = failed(failure("unreachable", "502", { mayRetry: true }));
  sent[1]?.answer(last);
  assert.equal(await result, last);
});

test("raceHedged sends no second request where all turns are taken, or where the first failed before", async () => {
  const busy = race(new Turns(1));
  await busy.clock.advance(1000);
  busy.sent[0]?.answer(missing);
  assert.equal(await busy.result, missing);
  await busy.clock.advance(0);
  assert.equal(busy.sent.length, 1);
  const early = race();
  await early.clock.advance(0);
  early.sent[0]?.answer(outage);
  assert.equal(await early.result, outage);
  await early.clock.advance(1000);
  assert.equal(early.sent.length, 1);
});

test("raceHedged aborts both requests with the signal", async () => {
  const { clock, sent, result, caller, turns } = race();
  await clock.advance(100);
  caller.abort(new Error("gone"));
  await assert.rejects(result, /gone/);
  await clock.advance(0);
  assert.deepEqual(
    sent.map(({ signal }) => signal.aborted),
    [true, true],
  );
  assert.equal(turns.isFull, false);
});
