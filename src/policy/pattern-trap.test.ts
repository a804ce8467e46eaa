import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { matchPrefixPatterns } from "../gomod/match-prefix-patterns.ts";
import { patternTrap } from "./pattern-trap.ts";

test("patternTrap shows the request that a pattern over request paths would break", () => {
  const rows: [string, string][] = [
    [".*/@v/.*", "GET /golang.org/x/mod/@v/v0.17.0.info"],
    ["*/@v/list", "GET /golang.org/x/mod/@v/list"],
    ["*.zip", "GET /golang.org/x/mod/@v/v0.17.0.zip"],
    ["*.mod", "GET /golang.org/x/mod/@v/v0.17.0.mod"],
    ["*/*.info", "GET /golang.org/x/mod/@v/v0.17.0.info"],
    ["*/list", "GET /golang.org/x/mod/@v/list"],
    ["example.com/x/@latest", "GET /example.com/x/@latest"],
    ["example.com/x/@v/v1.0.0.zip", "GET /example.com/x/@v/v1.0.0.zip"],
    ["^https?://example.com/x", "GET /example.com/x/@v/v0.17.0.info"],
    ["https://example.com/x", "GET /example.com/x/@v/v0.17.0.info"],
    ["^/github\\.com/evil/.*\\.(zip|mod)$", "GET /github.com/evil/@v/v0.17.0.zip"],
    ["github.com/evil/.*", "GET /github.com/evil/@v/v0.17.0.info"],
    ["sumdb/*", "GET /sumdb/sum.golang.org/lookup/golang.org/x/mod@v0.17.0"],
    ["/sumdb/sum.golang.org", "GET /sumdb/sum.golang.org/lookup/golang.org/x/mod@v0.17.0"],
    ["/github.com/x", "GET /github.com/x/@v/v0.17.0.info"],
  ];
  for (const [pattern, example] of rows) {
    const trap = patternTrap(pattern);
    assert.equal(trap?.kind, "request", pattern);
    assert.equal(trap.example, example, pattern);
  }
});

test("patternTrap names the GOPRIVATE traps and what to write", () => {
  const rows: [string, RegExp, RegExp][] = [
    ["example.com/...", /ends in \.\.\./, /want example\.com,/],
    ["...", /ends in \.\.\./, /want \*/],
    [" example.com", /space/, /want "example\.com"/],
    ["example.com;", /";"/, /one pattern an entry/],
    ["a.com,b.com", /","/, /one pattern an entry/],
    ["!example.com", /"!"/, /one pattern an entry/],
    ["EXAMPLE.com/x", /upper-case/, /want example\.com\/x/],
    ["corp/x", /without a dot/, /host first/],
    ["[", /no glob/, /\]/],
    ["example.com//x", /start of no module path/, /module path/],
    ["", /empty/, /module path/],
  ];
  for (const [pattern, why, want] of rows) {
    const trap = patternTrap(pattern);
    assert.equal(trap?.kind, "never", pattern);
    assert.match(trap.why, why);
    assert.match(trap.want, want);
  }
});

test("patternTrap has nothing against patterns that fit modules", () => {
  const fine = [
    "*",
    "**",
    "github.com",
    "github.com/corp/",
    "*.corp.example",
    "github.com/*/x",
    "exampl?.com",
    "[de]xample.com",
  ];
  const more = [
    "example.info",
    "example.info/*",
    "gopkg.in/yaml.v3",
    "github.com/foo/list",
    "github.com/Upper/X",
    "none",
    "x.com/a.mod",
  ];
  const rare = ["git.example/~user", "a-b.example/v2", "*/git", "github.com/[^a-c]*"];
  for (const pattern of [...fine, ...more, ...rare]) assert.equal(patternTrap(pattern), null, pattern);
});

test("patternTrap says never only of patterns that fit no module path", (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const host = fc.constantFrom("a.com", "b.example", "c-d.io");
  const element = fc.constantFrom("a", "B", "x.y", "~u", "v2", "list", "c_d");
  const modulePath = fc
    .tuple(host, fc.array(element, { maxLength: 3 }))
    .map(([first, rest]) => [first, ...rest].join("/"));
  const signs = fc.constantFrom("", "*", "?", "/", "...", " ", ";", ".", "[ab]", "!", "A", "x", "/...", "\\");
  const pattern = fc.tuple(modulePath, signs, signs).map(([path, before, after]) => before + path + after);
  fc.assert(
    fc.property(pattern, modulePath, (text, path) => {
      if (patternTrap(text)?.kind === "never") assert.equal(matchPrefixPatterns([text], path), false);
    }),
    { seed, numRuns: 3000 },
  );
});
