import assert from "node:assert/strict";
import { test } from "node:test";
import { humanBytes, humanCount, humanDuration } from "./human-units.ts";

test("humanBytes keeps to three digits and a unit", () => {
  const rows: [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [102_349, "100 KiB"],
    [200 * 2 ** 20, "200 MiB"],
    [1023 * 2 ** 20, "1.0 GiB"],
    [5 * 2 ** 40, "5.0 TiB"],
    [5000 * 2 ** 40, "5000 TiB"],
  ];
  for (const [bytes, want] of rows) assert.equal(humanBytes(bytes), want);
});

test("humanDuration names two units at most and never sixty of one", () => {
  const rows: [number, string][] = [
    [0, "0 ms"],
    [999.4, "999 ms"],
    [999.6, "1.0 s"],
    [1500, "1.5 s"],
    [59_949, "59.9 s"],
    [59_960, "1m 00s"],
    [125_000, "2m 05s"],
    [3_599_400, "59m 59s"],
    [3_599_600, "1h 00m"],
    [11_400_000, "3h 10m"],
    [86_399_000, "1d 0h"],
    [4 * 86_400_000 + 7_200_000, "4d 2h"],
  ];
  for (const [ms, want] of rows) assert.equal(humanDuration(ms), want, String(ms));
});

test("humanCount groups by thousands", () => {
  const rows: [number, string][] = [
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [1_234_567.4, "1,234,567"],
  ];
  for (const [count, want] of rows) assert.equal(humanCount(count), want);
});
