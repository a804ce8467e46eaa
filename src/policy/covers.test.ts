import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { matchPrefixPatterns } from "../gomod/match-prefix-patterns.ts";
import { covers } from "./covers.ts";

test("covers sees what fits all that another pattern fits", () => {
  const rows: [string, string, boolean][] = [
    ["*", "github.com/x", true],
    ["github.com", "github.com/x", true],
    ["github.com/*", "github.com/x/y", true],
    ["github.com/", "github.com/x", true],
    ["git*.com", "github.com/*", true],
    ["github.com/x", "github.com", false],
    ["github.com/a*", "github.com/*", false],
    ["github.com/x", "github.com/xy", false],
    ["", "a.com", false],
  ];
  for (const [outer, inner, want] of rows) assert.equal(covers(outer, inner), want, `${outer} over ${inner}`);
});

test("covers is never true where the inner pattern fits a path that the outer one does not", (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const element = fc.constantFrom("a", "b", "ab", "*", "a*", "*b", "?", "[ab]", "**");
  const pattern = fc.array(element, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const path = fc
    .array(fc.constantFrom("a", "b", "ab", "bb", "c"), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join("/"));
  fc.assert(
    fc.property(pattern, pattern, path, (outer, inner, modulePath) => {
      if (!covers(outer, inner) || !matchPrefixPatterns([inner], modulePath)) return;
      assert.ok(matchPrefixPatterns([outer], modulePath));
    }),
    { seed, numRuns: 3000 },
  );
});
