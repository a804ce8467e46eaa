import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { Breaker, type Pass } from "./breaker.ts";

function entered(breaker: Breaker): Pass {
  const pass = breaker.enter();
  assert.ok(pass, `the breaker is ${breaker.state}`);
  return pass;
}

test("Breaker opens after so many failures in a row, and a success starts the row anew", () => {
  const breaker = new Breaker({ failures: 3, openMs: 1000 }, new FakeClock());
  entered(breaker).failed();
  entered(breaker).failed();
  breaker.recordSuccess();
  entered(breaker).failed();
  entered(breaker).failed();
  assert.equal(breaker.state, "closed");
  entered(breaker).failed();
  assert.equal(breaker.state, "open");
  assert.equal(breaker.enter(), null);
  assert.equal(breaker.remainingMs, 1000);
});

test("Breaker lets one request try after openMs, whose failure opens it again for openMs", async () => {
  const clock = new FakeClock();
  const breaker = new Breaker({ failures: 1, openMs: 1000 }, clock);
  entered(breaker).failed();
  await clock.advance(999);
  assert.equal(breaker.enter(), null);
  await clock.advance(1);
  const trial = entered(breaker);
  assert.equal(trial.state, "half-open");
  assert.equal(breaker.enter(), null, "a second one beside the trial");
  trial.failed();
  assert.equal(breaker.state, "open");
  assert.equal(breaker.remainingMs, 1000);
});

test("Breaker closes when the trial is answered, and its next failure opens it at once", async () => {
  const clock = new FakeClock();
  const breaker = new Breaker({ failures: 2, openMs: 1000 }, clock);
  entered(breaker).failed();
  entered(breaker).failed();
  await clock.advance(1000);
  entered(breaker).answered();
  assert.equal(breaker.state, "closed");
  breaker.recordFailure();
  assert.equal(breaker.state, "open");
});

test("Breaker lets the next one try when a trial was dropped, and ignores what a pass says afterwards", async () => {
  const clock = new FakeClock();
  const breaker = new Breaker({ failures: 1, openMs: 1000 }, clock);
  entered(breaker).failed();
  await clock.advance(1000);
  const dropped = entered(breaker);
  dropped.dropped();
  const trial = entered(breaker);
  dropped.failed();
  assert.equal(breaker.state, "half-open");
  trial.answered();
  breaker.recordSuccess();
  assert.equal(breaker.state, "closed");
});
