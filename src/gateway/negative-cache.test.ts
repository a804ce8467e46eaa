import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../kernel/problem.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { NegativeCache } from "./negative-cache.ts";

test("NegativeCache remembers absence until its time is over, and nothing but absence", async () => {
  const clock = new FakeClock();
  const cache = new NegativeCache(1000, clock);
  const absent = new Problem("MODULE_ABSENT", "not there");
  cache.remember("a", absent);
  cache.remember("b", new Problem("UPSTREAM_UNREACHABLE", "down"));
  cache.remember("c", new Problem("DENIED_BY_RULE", "no"));
  assert.equal(cache.find("a"), absent);
  assert.equal(cache.find("b"), undefined);
  assert.equal(cache.find("c"), undefined);
  await clock.advance(999);
  assert.equal(cache.find("a"), absent);
  await clock.advance(1);
  assert.equal(cache.find("a"), undefined);
});
