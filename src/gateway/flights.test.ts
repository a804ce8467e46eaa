import assert from "node:assert/strict";
import { test } from "node:test";
import { type Flight, Flights, unlessAborted } from "./flights.ts";

function flight(): Flight<string> & { finish: (value: string) => void; land: () => void } {
  const result = Promise.withResolvers<string>();
  const landed = Promise.withResolvers<void>();
  return {
    result: result.promise,
    landed: landed.promise,
    giveUp(reason) {
      result.reject(reason);
      landed.resolve();
    },
    finish: result.resolve,
    land: landed.resolve,
  };
}

test("Flights.join starts one flight a key and shares it until it has landed", async () => {
  const flights = new Flights<Flight<string>>();
  const first = flight();
  let starts = 0;
  const start = (): Flight<string> => {
    starts++;
    return first;
  };
  assert.equal(flights.join("k", start).shared, false);
  assert.equal(flights.join("k", start).shared, true);
  first.finish("bytes");
  await first.result;
  assert.equal(flights.join("k", start).shared, true, "served but not yet published");
  first.land();
  await flights.idle();
  assert.equal(flights.size, 0);
  assert.equal(starts, 1);
  assert.equal(flights.join("k", () => flight()).shared, false);
});

test("Flights.giveUp ends what is under way, so that idle() need not wait for an upstream", async () => {
  const flights = new Flights<Flight<string>>();
  const { result } = flights.join("k", flight).flight;
  flights.giveUp(new Error("the gateway ends"));
  await assert.rejects(result, /the gateway ends/);
  await flights.idle();
});

test("unlessAborted leaves at once when the client does, and the work goes on", async () => {
  const work = Promise.withResolvers<string>();
  const client = new AbortController();
  const waiting = unlessAborted(work.promise, client.signal);
  client.abort(new Error("gone"));
  await assert.rejects(waiting, /gone/);
  work.resolve("bytes");
  assert.equal(await unlessAborted(work.promise, new AbortController().signal), "bytes");
});
