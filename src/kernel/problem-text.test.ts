import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Problem } from "./problem.ts";
import { problemText } from "./problem-text.ts";

test("problemText stays within what go prints, whatever the problem holds", (t) => {
  const seed = Date.now() & 0x7fffffff;
  t.diagnostic(`seed ${seed}`);
  const anyText = fc.string({ unit: "binary", maxLength: 400 });
  fc.assert(
    fc.property(anyText, anyText, fc.array(anyText, { maxLength: 12 }), (message, hint, tried) => {
      const text = problemText(new Problem("UPSTREAM_UNREACHABLE", message, { hint, tried }), "0abc");
      const lines = text.trimEnd().split("\n");
      assert.ok(lines.length <= 8, `${lines.length} lines`);
      assert.ok(Buffer.byteLength(text) <= 648, `${Buffer.byteLength(text)} bytes`);
      assert.ok(
        lines.every((line) => line.trim() !== ""),
        "a blank line",
      );
      assert.ok(!/[\p{C}\p{Zl}\p{Zp}]/u.test(text.replaceAll("\n", "")), "a character that go refuses to print");
      assert.match(lines.at(-1) ?? "", /^request 0abc \(UPSTREAM_UNREACHABLE\)$/);
      assert.match(lines[0] ?? "", /^modgate: unreachable: /);
    }),
    { seed, numRuns: 2000 },
  );
});

test("problemText names each upstream tried, and counts those it has no room for", () => {
  const few = problemText(
    new Problem("UPSTREAM_UNREACHABLE", "no upstream answered", { tried: ["a: 500", "b: 503"] }),
    "r",
  );
  assert.deepEqual(few.split("\n").slice(0, 3), ["modgate: unreachable: no upstream answered", "  a: 500", "  b: 503"]);
  const tried = Array.from({ length: 20 }, (_, index) => `upstream${index}: 503`);
  const many = problemText(new Problem("UPSTREAM_UNREACHABLE", "no upstream answered", { tried }), "r");
  assert.match(many, /upstream3: 503\n {2}… and 16 more\nhelp: /);
});

test("problemText leaves out each character for which go would drop the whole text", () => {
  for (const char of [
    "\ufeff",
    "\u202e",
    "\u200b",
    "\u00ad",
    "\u0085",
    "\u2028",
    "\u2029",
    "\ue000",
    "\ud800",
    "\u{e0001}",
    "\u0378",
  ]) {
    const text = problemText(new Problem("UPSTREAM_DAMAGED", `it starts with "${char}{"`, { hint: `a${char}b` }), "r");
    assert.equal(text, 'modgate: damaged: it starts with " {"\nhelp: a b\nrequest r (UPSTREAM_DAMAGED)\n');
  }
  const graphic = 'é ü 文 😀 → " …';
  assert.match(
    problemText(new Problem("UPSTREAM_DAMAGED", graphic), "r"),
    new RegExp(`^modgate: damaged: ${graphic}\n`),
  );
});
