import assert from "node:assert/strict";
import { test } from "node:test";
import { paintFor, wantsColour, type ColourChoice } from "./colour.ts";

test("wantsColour obeys --color, FORCE_COLOR, NO_COLOR, TERM and the terminal, in this order", () => {
  const rows: [boolean, Record<string, string>, ColourChoice, boolean][] = [
    [true, {}, "auto", true],
    [false, {}, "auto", false],
    [true, { TERM: "dumb" }, "auto", false],
    [true, { NO_COLOR: "1" }, "auto", false],
    [true, { NO_COLOR: "" }, "auto", true],
    [false, { FORCE_COLOR: "1" }, "auto", true],
    [false, { FORCE_COLOR: "3", NO_COLOR: "1", TERM: "dumb" }, "auto", true],
    [true, { FORCE_COLOR: "0" }, "auto", false],
    [true, { FORCE_COLOR: "false" }, "auto", false],
    [false, { NO_COLOR: "1", TERM: "dumb" }, "always", true],
    [true, { FORCE_COLOR: "1" }, "never", false],
  ];
  for (const [isTTY, env, choice, want] of rows) {
    assert.equal(wantsColour({ isTTY }, env, choice), want, JSON.stringify([isTTY, env, choice]));
  }
});

test("paintFor decides for each stream alone", () => {
  assert.equal(paintFor({ isTTY: false }, {})("red", "x"), "x");
  assert.equal(paintFor({ isTTY: true }, {})("red", "x"), "\u001b[31mx\u001b[39m");
});
