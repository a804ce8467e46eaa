import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { formatByteSize, parseByteSize } from "./byte-size.ts";
import { formatDuration, parseDuration } from "./duration.ts";

test("parseDuration reads units one after the other and refuses the rest", () => {
  const rows: [string, number | null][] = [
    ["30s", 30_000],
    ["1h30m", 5_400_000],
    ["7d", 604_800_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["0", 0],
    ["0s", 0],
    ["", null],
    ["30", null],
    ["5 minutes", null],
    ["1m 30s", null],
    ["-1s", null],
    ["1e3s", null],
    ["s", null],
    ["3651d", null],
    ["99999999999999999999s", null],
  ];
  for (const [text, want] of rows) assert.equal(parseDuration(text), want, text);
});

test("parseByteSize reads binary and decimal units and refuses the rest", () => {
  const rows: [string, number | null][] = [
    ["10GiB", 10 * 2 ** 30],
    ["512MiB", 2 ** 29],
    ["1.5KiB", 1536],
    ["1GB", 1e9],
    ["10 GiB", 10 * 2 ** 30],
    ["1048576", 1048576],
    ["7B", 7],
    ["10G", null],
    ["10gib", null],
    ["", null],
    ["-1", null],
    ["1e9", null],
    ["9999999TiB", null],
  ];
  for (const [text, want] of rows) assert.equal(parseByteSize(text), want, text);
});

test("parseDuration reads back what formatDuration writes, and parseByteSize what formatByteSize writes", (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3650 * 86_400_000 }), fc.maxSafeNat(), (durationMs, bytes) => {
      assert.equal(parseDuration(formatDuration(durationMs)), durationMs);
      assert.equal(parseByteSize(formatByteSize(bytes)), bytes);
    }),
    { seed, numRuns: 1000 },
  );
});

test("parseDuration and parseByteSize take any text without an error", (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const value of [parseDuration(text), parseByteSize(text)]) assert.ok(value === null || value >= 0);
    }),
    { seed, numRuns: 1000 },
  );
});
