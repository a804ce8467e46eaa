import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { seededRandom } from "../kernel/random.ts";
import { backoffAfter, parseRetryAfter } from "./retry-wait.ts";

const now = Date.UTC(2026, 0, 1, 12, 0, 0);

test("parseRetryAfter reads seconds and HTTP dates, and nothing else", () => {
  const cases: [string | null, number | null][] = [
    [null, null],
    ["0", 0],
    ["7", 7000],
    [" 120 ", 120_000],
    ["Thu, 01 Jan 2026 12:00:30 GMT", 30_000],
    ["Thursday, 01-Jan-26 12:00:30 GMT", 30_000],
    ["Thu Jan  1 12:00:30 2026 GMT", 30_000],
    ["Thu, 01 Jan 2026 11:59:00 GMT", 0],
    ["-1", null],
    ["1.5", null],
    ["soon", null],
    ["Thu, 99 Foo 2026", null],
    ["12345678901", null],
    ["", null],
  ];
  for (const [value, want] of cases) assert.equal(parseRetryAfter(value, now), want, JSON.stringify(value));
});

test("backoffAfter stays below backoffMs doubled for each attempt, and below maxBackoffMs", (t) => {
  const seed = 20260101;
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 5000 }), (attempt, backoffMs) => {
      const wait = backoffAfter(attempt, { attempts: 30, backoffMs, maxBackoffMs: 8000 }, random);
      assert.ok(wait >= 0 && wait <= Math.min(8000, backoffMs * 2 ** (attempt - 1)));
    }),
    { seed },
  );
});

test("backoffAfter uses the whole range, so that clients spread out", () => {
  const retry = { attempts: 5, backoffMs: 100, maxBackoffMs: 10_000 };
  assert.equal(
    backoffAfter(3, retry, () => 0),
    0,
  );
  assert.equal(
    backoffAfter(3, retry, () => 0.5),
    200,
  );
  assert.equal(
    backoffAfter(3, retry, () => 0.999_999),
    399,
  );
});
