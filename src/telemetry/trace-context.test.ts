import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { seededRandom } from "../kernel/random.ts";
import { childTraceparent, formatTraceparent, parseTraceparent } from "./trace-context.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

test("parseTraceparent takes valid headers alone", () => {
  const rows: [string | undefined, boolean | null][] = [
    [`00-${traceId}-${spanId}-01`, true],
    [`00-${traceId}-${spanId}-00`, false],
    [`00-${traceId}-${spanId}-02`, false],
    [`00-${traceId}-${spanId}-ff`, true],
    [`cc-${traceId}-${spanId}-01-what-the-future-adds`, true],
    [`cc-${traceId}-${spanId}-01`, true],
    [undefined, null],
    ["", null],
    [`00-${traceId}-${spanId}-01-more`, null],
    [`cc-${traceId}-${spanId}-01.more`, null],
    [`ff-${traceId}-${spanId}-01`, null],
    [`00-${"0".repeat(32)}-${spanId}-01`, null],
    [`00-${traceId}-${"0".repeat(16)}-01`, null],
    [`00-${traceId.toUpperCase()}-${spanId}-01`, null],
    [`00-${traceId.slice(1)}-${spanId}-01`, null],
    [`00-${traceId}-${spanId}-1`, null],
    [` 00-${traceId}-${spanId}-01`, null],
    [`00-${traceId}-${spanId}-01\n`, null],
  ];
  for (const [header, isSampled] of rows) {
    const want = isSampled === null ? null : { traceId, spanId, isSampled };
    assert.deepEqual(parseTraceparent(header), want, String(header));
  }
});

test("childTraceparent stays in the caller's trace with a span of its own", () => {
  const child = childTraceparent(`00-${traceId}-${spanId}-01`, seededRandom(1));
  const parsed = parseTraceparent(child);
  assert.equal(parsed?.traceId, traceId);
  assert.notEqual(parsed?.spanId, spanId);
  assert.equal(parsed?.isSampled, true);
});

test("childTraceparent begins a new trace where the header is missing or wrong", () => {
  const random = seededRandom(2);
  const made = [undefined, "", `00-${traceId}-${spanId}-XX`].map((header) => childTraceparent(header, random));
  const ids = new Set(made.map((text) => parseTraceparent(text)?.traceId));
  assert.equal(ids.size, 3);
  assert.ok(!ids.has(traceId) && !ids.has(undefined));
});

test("childTraceparent is never all zero", () => {
  assert.ok(parseTraceparent(childTraceparent(undefined, () => 0)));
});

test("formatTraceparent and parseTraceparent are each other's inverse for any random", (t) => {
  const seed = Math.floor(Math.random() * 0x7fffffff);
  t.diagnostic(`seed ${seed}`);
  fc.assert(
    fc.property(fc.nat(), (start) => {
      const text = childTraceparent(undefined, seededRandom(start));
      const parsed = parseTraceparent(text);
      assert.ok(parsed, text);
      assert.equal(formatTraceparent(parsed), text);
    }),
    { seed, numRuns: 300 },
  );
});
