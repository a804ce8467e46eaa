import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseByteRange } from "./byte-range.ts";

test("parseByteRange reads one range and leaves the rest alone", () => {
  const table: [string | undefined, ReturnType<typeof parseByteRange>][] = [
    [undefined, null],
    ["bytes=0-0", { start: 0, end: 0 }],
    ["bytes=2-5", { start: 2, end: 5 }],
    ["bytes=5-", { start: 5, end: 9 }],
    ["bytes=-3", { start: 7, end: 9 }],
    ["bytes=-30", { start: 0, end: 9 }],
    ["bytes=8-99", { start: 8, end: 9 }],
    ["bytes=10-", "unsatisfiable"],
    ["bytes=99-100", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=5-2", null],
    ["bytes=-", null],
    ["bytes=0-1,4-5", null],
    ["lines=0-1", null],
    ["bytes=a-b", null],
  ];
  for (const [header, want] of table) assert.deepEqual(parseByteRange(header, 10), want, String(header));
});

test("parseByteRange never gives bytes outside the file", (t) => {
  const seed = Date.now() & 0x7fffffff;
  t.diagnostic(`seed ${seed}`);
  fc.assert(
    fc.property(fc.nat(50), fc.stringMatching(/^bytes=\d{0,3}-\d{0,3}$/), (size, header) => {
      const range = parseByteRange(header, size);
      if (range === null || range === "unsatisfiable") return;
      assert.ok(range.start >= 0 && range.start <= range.end && range.end < size, `${header} of ${size}`);
    }),
    { seed },
  );
});
