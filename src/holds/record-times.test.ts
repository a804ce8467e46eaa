import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../kernel/random.ts";
import { SqliteSightings } from "../store/sqlite-sightings.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { fillerSumdb, testClient } from "../../test/testkit/sumdb-world.ts";
import { testSeed } from "../../test/testkit/test-seed.ts";
import { RecordTimes } from "./record-times.ts";

const day = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const signal = new AbortController().signal;
// One record in five minutes.
const honest = (number: number): number => start + number * 300_000;

function world(size: number, fillerAt: (number: number) => number, nowMs = honest(size)) {
  const clock = new FakeClock(nowMs);
  const sightings = new SqliteSightings(":memory:");
  const { client, operations } = testClient(fillerSumdb(size, { fillerAt }));
  return { clock, sightings, operations, times: new RecordTimes({ database: client, sightings, clock }) };
}

test("RecordTimes tells how many records there were by a time, from the times of commits among them", async (t) => {
  const random = seededRandom(testSeed(t));
  const below = (end: number): number => Math.floor(random() * end);
  const size = 16_000;
  // Whoever records a commit does so up to a month after it; one in four at once.
  const { times } = world(size, (number) => honest(number) - (below(4) === 0 ? 0 : below(30 * day)));
  for (let round = 0; round < 20; round++) {
    const atMs = start + below(honest(size) - start);
    const truth = Math.floor((atMs - start) / 300_000) + 1;
    const told = await times.recordsBy(atMs, signal);
    assert.ok(told <= truth, `${told} records, of which only ${truth} were there`);
    assert.ok(told > truth - 1024, `${told} records, where there were ${truth}`);
  }
  assert.equal(await times.recordsBy(start - day, signal), 0);
});

test("RecordTimes is not fooled by who records old commits one after the other, nor by a commit of the future", async () => {
  const size = 12_000;
  const from = 9000;
  const count = 1024;
  const isForged = (number: number): boolean => number >= from && number < from + count;
  const truth = (number: number): number => honest(number < from ? number : Math.max(from, number - count));
  // Four whole tiles of commits of the first day, recorded at once; another record claims the year 2040.
  const claimed = (number: number): number => {
    if (number === 4000) return Date.UTC(2040, 0, 1);
    return isForged(number) ? start : truth(number);
  };
  const { times } = world(size, claimed);
  for (const number of [3990, 4010, from + 10, from + 600, from + 1000, from + count + 300]) {
    const position = await times.recordsBy(truth(number) - day, signal);
    assert.ok(position <= number, `record ${number} is younger than a day, not among the first ${position}`);
    const about = await times.about(number, signal);
    assert.ok(about !== null && Math.abs(about - truth(number)) < 5 * day, `${number}: ${about}, not ${truth(number)}`);
  }
});

test("RecordTimes believes a tree head seen here more than any commit, and costs few questions", async () => {
  const size = 16_000;
  // Nothing tells: not one pseudo-version.
  const clock = new FakeClock(honest(size));
  const sightings = new SqliteSightings(":memory:");
  const { client, operations } = testClient(fillerSumdb(size));
  const times = new RecordTimes({ database: client, sightings, clock });
  assert.equal(await times.recordsBy(honest(size) - day, signal), 0, "nothing is known to be older");
  assert.equal(await times.about(100, signal), clock.now(), "it was there when the head was seen");
  await clock.advance(2 * day);
  assert.equal(await times.recordsBy(clock.now() - day, signal), size, "the head was seen two days ago");
  operations.cache.clear();
  operations.falsify = (path, bytes) => (path.includes("/data/") ? null : bytes);
  const other = new RecordTimes({ database: client, sightings, clock });
  await clock.advance(day);
  assert.equal(await other.recordsBy(clock.now() - day, signal), size, "also where nobody has the records");
  await assert.rejects(other.recordsBy(clock.now() - 9 * day, signal), /Nobody tells yet which versions .* had by/);
  assert.ok(operations.asked.length < 120, `${operations.asked.length} questions`);
});
