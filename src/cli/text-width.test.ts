import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { clipText, oneLine, textWidth } from "./text-width.ts";

test("textWidth counts columns of a terminal", () => {
  const rows: [string, number][] = [
    ["", 0],
    ["modgate", 7],
    ["é", 1],
    ["é", 1],
    ["日本", 4],
    ["🦫", 2],
    ["…", 1],
  ];
  for (const [text, want] of rows) assert.equal(textWidth(text), want, text);
});

test("clipText cuts to the width and says so", () => {
  const rows: [string, number, string][] = [
    ["modgate", 7, "modgate"],
    ["modgate", 4, "mod…"],
    ["modgate", 1, "…"],
    ["modgate", 0, ""],
    ["日本語", 4, "日…"],
  ];
  for (const [text, width, want] of rows) assert.equal(clipText(text, width), want);
});

test("clipText never exceeds the width, whatever the text", (t) => {
  const seed = Math.floor(Math.random() * 0x7fffffff);
  t.diagnostic(`seed ${seed}`);
  const property = fc.property(fc.string({ unit: "binary" }), fc.nat(40), (text, width) => {
    assert.ok(textWidth(clipText(text, width)) <= width);
  });
  fc.assert(property, { seed, numRuns: 300 });
});

test("oneLine takes what would steer a terminal away", () => {
  assert.equal(oneLine("a\u001b[31mred\r\n\u0007b\u202etxt "), "a [31mred b txt");
});
