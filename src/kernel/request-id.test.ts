import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "./random.ts";
import { requestIds } from "./request-id.ts";

test("requestIds are unlike one another, sorted, and 13 characters long", () => {
  const next = requestIds(1_790_000_000_000, seededRandom(1));
  const ids = Array.from({ length: 5000 }, next);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(ids, [...ids].sort());
  assert.ok(ids.every((id) => /^[0-9a-z]{13}$/.test(id)));
});

test("seededRandom gives the same row for the same seed and another for another", () => {
  const row = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed));
  assert.deepEqual(row(7), row(7));
  assert.notDeepEqual(row(7), row(8));
  assert.ok(row(9).every((value) => value >= 0 && value < 1));
});
