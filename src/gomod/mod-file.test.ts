import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { looksLikeModFile, parseModuleLine } from "./mod-file.ts";

test("parseModuleLine finds the module path that modfile.ParseLax finds", () => {
  const file = join(import.meta.dirname, "../../test/vectors/mod-file.json");
  const rows: readonly [string, string | null][] = JSON.parse(readFileSync(file, "utf8"));
  for (const [text, want] of rows) {
    // Where go cannot read the file, an answer says nothing: the line may stand before the error.
    if (want !== "error") assert.equal(parseModuleLine(text), want, JSON.stringify(text));
  }
});

test("looksLikeModFile tells a go.mod from pages, JSON, binary data and nothing", () => {
  const rows: [string, boolean][] = [
    ["module example.com/a\n", true],
    ["module example.com/a\r\n\r\ngo 1.21\r\n", true],
    ['// Deprecated: use b\nmodule (\n\t"example.com/a"\n)\n', true],
    ["", false],
    ["\n", false],
    ["go 1.21\n", false],
    ["<html>\nmodule example.com/a\n</html>", false],
    ['{"module":"example.com/a"}', false],
    ["module federation is loading\n", false],
    ["not found: module example.com/a: no matching versions\n", false],
    ["module example.com/a\u0000\n", false],
  ];
  for (const [text, want] of rows) assert.equal(looksLikeModFile(Buffer.from(text)), want, JSON.stringify(text));
});

test("parseModuleLine ends in a path or null for any text", (t) => {
  const unit = fc.constantFrom(
    "module",
    " ",
    "\n",
    "(",
    ")",
    '"',
    "`",
    "\\",
    "//",
    "a",
    ".",
    "\r",
    "\t",
    ",",
    "\u0000",
  );
  const seed = Date.now() % 2 ** 31;
  t.diagnostic(`seed ${seed}`);
  const property = fc.property(fc.array(unit, { maxLength: 20 }), (parts) => {
    const path = parseModuleLine(parts.join(""));
    assert.ok(path === null || typeof path === "string");
    if (path !== null) assert.ok(parts.includes("module"));
  });
  fc.assert(property, { seed, numRuns: 3000 });
});
