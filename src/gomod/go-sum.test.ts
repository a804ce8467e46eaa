import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fields } from "./fields.ts";
import { isModuleHash, parseGoSum } from "./go-sum.ts";

const hash = "h1:ICeL3t2L30ljSPHHxDnR4fqVcBt/zR2zJAb9juavmQg=";

test("parseGoSum reads zip and go.mod lines in order", () => {
  const text = `example.com/a v1.0.0 ${hash}\r\nexample.com/a v1.0.0/go.mod ${hash}\n\n  example.com/Upper/v2\tv2.0.0-RC1 h2:x  \ngolang.org/toolchain v0.0.1-go1.26.0.linux-amd64 ${hash}`;
  assert.deepEqual(parseGoSum(text, "go.sum"), [
    { module: "example.com/a", version: "v1.0.0", kind: "zip", hash, line: 1 },
    { module: "example.com/a", version: "v1.0.0", kind: "mod", hash, line: 2 },
    { module: "example.com/Upper/v2", version: "v2.0.0-RC1", kind: "zip", hash: "h2:x", line: 4 },
    { module: "golang.org/toolchain", version: "v0.0.1-go1.26.0.linux-amd64", kind: "zip", hash, line: 5 },
  ]);
  assert.deepEqual(parseGoSum("", "go.sum"), []);
});

test("parseGoSum drops the hash of an empty go.mod, as go does", () => {
  const empty = "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=";
  assert.deepEqual(parseGoSum(`example.com/a v1.0.0/go.mod ${empty}\n`, "go.sum"), []);
});

test("parseGoSum names file and line of what it cannot read", () => {
  const good = `example.com/a v1.0.0 ${hash}\n`;
  const rows: [string, string][] = [
    ["<<<<<<< HEAD\n", "sub/go.sum:2: 2 words where"],
    ["example.com/a v1.0.0\n", "sub/go.sum:2: 2 words where"],
    [`example.com/a v1.0.0 ${hash} x\n`, "sub/go.sum:2: 4 words where"],
    [`\n../etc v1.0.0 ${hash}\n`, 'sub/go.sum:3: "../etc" is no module path'],
    [`example.com/a main ${hash}\n`, 'sub/go.sum:2: "main" is no canonical version'],
    [`example.com/a v1.0.0/go.sum ${hash}\n`, 'sub/go.sum:2: "v1.0.0/go.sum" is no canonical version'],
  ];
  for (const [text, start] of rows) {
    assert.throws(
      () => parseGoSum(good + text, "sub/go.sum"),
      (error: { code?: string; message?: string }) =>
        error.code === "CONFIG_INVALID" && error.message?.startsWith(start) === true,
      text,
    );
  }
});

test("fields cuts words as strings.Fields does", () => {
  const file = join(import.meta.dirname, "../../test/vectors/go-sum-fields.json");
  const rows: readonly [string, string[]][] = JSON.parse(readFileSync(file, "utf8"));
  for (const [line, want] of rows) assert.deepEqual(fields(line), want, JSON.stringify(line));
});

test("isModuleHash knows h1 in base64 that is written in its one way", () => {
  const base64 = Buffer.alloc(32, 0x5a).toString("base64");
  assert.equal(isModuleHash(`h1:${base64}`), true);
  const loose = base64.replace(/o=$/, "p=");
  assert.notEqual(loose, base64);
  for (const bad of ["", "h1:", base64, `h2:${base64}`, `h1:${base64} `, `h1:${base64.slice(0, -1)}`, `h1:${loose}`]) {
    assert.equal(isModuleHash(bad), false, bad);
  }
});
