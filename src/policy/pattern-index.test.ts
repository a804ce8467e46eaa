import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { firstMatch } from "../gomod/match-prefix-patterns.ts";
import { indexPatterns } from "./pattern-index.ts";

const element = fc.stringMatching(/^[abc]{1,2}$/);
const globElement = fc.oneof(
  element,
  fc.constantFrom("*", "a*", "*b", "?", "[ab]", "[^a]*", "**", "[", "\\a", "a?c", ""),
);
const path = fc.array(element, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const pattern = fc.oneof(
  path,
  fc.array(globElement, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
);

test("indexPatterns finds the pattern that firstMatch of gomod finds", (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 12 }), path, (patterns, modulePath) => {
      const want = firstMatch(patterns, modulePath);
      const index = indexPatterns(patterns)(modulePath);
      assert.equal(patterns[index] ?? null, want);
      if (want !== null) assert.equal(index, patterns.indexOf(want));
    }),
    { seed, numRuns: 2000 },
  );
});

test("indexPatterns takes the lowest index of literals and globs alike", () => {
  const find = indexPatterns(["x.com/*/z", "x.com", "*", "x.com/a"]);
  assert.equal(find("x.com/a/z"), 0);
  assert.equal(find("x.com/a/y"), 1);
  assert.equal(find("y.com/a"), 2);
  assert.equal(indexPatterns([])("x.com"), -1);
});
