import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { matchPath } from "./glob.ts";
import { firstMatch, matchPrefixPatterns } from "./match-prefix-patterns.ts";

test("matchPath says what Go's path.Match says, malformed patterns included", () => {
  const rows: readonly [string, string, boolean | "bad pattern"][] = vectors("match-path");
  for (const [pattern, name, want] of rows) {
    assert.equal(matchPath(pattern, name), want, `${pattern} for ${name}`);
  }
});

test("matchPrefixPatterns says what golang.org/x/mod says", () => {
  const rows: readonly [string, string, boolean][] = vectors("match-prefix-patterns");
  for (const [globs, path, want] of rows) {
    assert.equal(matchPrefixPatterns(globs.split(","), path), want, `${globs} for ${path}`);
  }
});

test("firstMatch gives the first pattern that fits, as it was written", () => {
  const patterns = ["[", "", "foo.test", "example.com/a/", "example.com/*", "*"];
  assert.equal(firstMatch(patterns, "example.com/a/b"), "example.com/a/");
  assert.equal(firstMatch(patterns, "example.com/b"), "example.com/*");
  assert.equal(firstMatch(patterns, "other.test"), "*");
  assert.equal(firstMatch(patterns.slice(0, 4), "example.com"), null);
});

test("matchPath calls a pattern bad for every name or for none", (t) => {
  const unit = fc.constantFrom("a", "b", "/", "*", "?", "[", "]", "^", "-", "\\");
  const property = fc.property(
    fc.string({ unit }),
    fc.string({ unit }),
    fc.string({ unit }),
    (pattern, left, right) => {
      assert.equal(matchPath(pattern, left) === "bad pattern", matchPath(pattern, right) === "bad pattern");
    },
  );
  fc.assert(property, { seed: seedOf(t), numRuns: 3000 });
});

test("matchPath takes any name as a pattern for itself once its signs are escaped", (t) => {
  const property = fc.property(fc.string({ unit: "grapheme" }), (name) => {
    assert.equal(matchPath(name.replace(/[*?[\\]/g, "\\$&"), name), true);
  });
  fc.assert(property, { seed: seedOf(t), numRuns: 500 });
});

test("matchPath answers at once for a pattern with many stars", () => {
  assert.equal(matchPath(`${"*a".repeat(200)}b`, "a".repeat(5000)), false);
});

function vectors(name: string) {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../../test/vectors/${name}.json`), "utf8"));
}

function seedOf(t: { diagnostic(message: string): void }): number {
  const seed = Date.now() % 2 ** 31;
  t.diagnostic(`seed ${seed}`);
  return seed;
}
