import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { Problem } from "../kernel/problem.ts";
import {
  checkImportPath,
  checkModulePath,
  escapeModulePath,
  escapeVersion,
  unescapeModulePath,
  unescapeVersion,
} from "./path.ts";

test("checkModulePath, checkImportPath and escapeModulePath say what golang.org/x/mod says", () => {
  const rows: readonly [string, boolean, boolean, string | null][] = vectors("module-path");
  for (const [path, isModule, isImport, escaped] of rows) {
    assert.equal(checkModulePath(path) === null, isModule, JSON.stringify(path));
    assert.equal(checkImportPath(path) === null, isImport, JSON.stringify(path));
    assert.equal(orNull(escapeModulePath, path), escaped, JSON.stringify(path));
  }
});

test("unescapeModulePath says what golang.org/x/mod says", () => {
  const rows: readonly [string, string | null][] = vectors("unescape-path");
  for (const [escaped, path] of rows) {
    assert.equal(orNull(unescapeModulePath, escaped), path, JSON.stringify(escaped));
  }
});

test("escapeVersion and unescapeVersion say what golang.org/x/mod says", () => {
  const escapes: readonly [string, string | null][] = vectors("escape-version");
  for (const [version, escaped] of escapes) {
    assert.equal(orNull(escapeVersion, version), escaped, JSON.stringify(version));
  }
  const unescapes: readonly [string, string | null][] = vectors("unescape-version");
  for (const [escaped, version] of unescapes) {
    assert.equal(orNull(unescapeVersion, escaped), version, JSON.stringify(escaped));
  }
});

test("refusals name the path or version and what is wrong with it", () => {
  const rows: [() => unknown, string, string][] = [
    [() => escapeModulePath("example.com//a"), "INVALID_MODULE_PATH", "empty path element"],
    [
      () => escapeModulePath("cmd"),
      "INVALID_MODULE_PATH",
      '"cmd" as a module path: it has no dot in the first path element',
    ],
    [() => unescapeModulePath("example.com/A"), "INVALID_MODULE_PATH", "an upper-case letter"],
    [() => unescapeModulePath("example.com/a\\b"), "INVALID_MODULE_PATH", 'the character "\\\\"'],
    [() => unescapeModulePath("example.com/a/v1"), "INVALID_MODULE_PATH", "major version suffix"],
    [() => unescapeModulePath("example.com/aux.c"), "INVALID_MODULE_PATH", 'the reserved Windows name "aux"'],
    [() => escapeVersion("a!b"), "INVALID_VERSION", 'character "!"'],
    [() => unescapeVersion("日本"), "INVALID_VERSION", '"日本" as a version or query'],
    [() => unescapeVersion(".."), "INVALID_VERSION", 'the path element ".."'],
  ];
  for (const [run, code, part] of rows) {
    assert.throws(run, (error) => error instanceof Problem && error.code === code && error.message.includes(part));
  }
});

const element = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,8}$/);
const modulePath = fc
  .tuple(fc.stringMatching(/^[a-z0-9]{1,6}\.[a-z0-9]{1,6}$/), fc.array(element, { maxLength: 5 }))
  .map(([host, elements]) => [host, ...elements].join("/"))
  .filter((path) => checkModulePath(path) === null);

test("unescapeModulePath takes back what escapeModulePath made, and the escaped form has no upper case", (t) => {
  const property = fc.property(modulePath, (path) => {
    const escaped = escapeModulePath(path);
    assert.doesNotMatch(escaped, /[A-Z]/);
    assert.equal(unescapeModulePath(escaped), path);
  });
  fc.assert(property, { seed: seedOf(t), numRuns: 1000 });
});

test("unescapeVersion takes back what escapeVersion made", (t) => {
  const property = fc.property(fc.stringMatching(/^[A-Za-z0-9+._~#%@ -]{1,20}$/), (version) => {
    const escaped = orNull(escapeVersion, version);
    if (escaped !== null) assert.equal(unescapeVersion(escaped), version);
  });
  fc.assert(property, { seed: seedOf(t), numRuns: 1000 });
});

test("two escaped paths that differ stand for two modules, and no text but a Problem comes of garbage", (t) => {
  const text = fc.string({
    unit: fc.constantFrom("a", "b", "A", "!", ".", "/", "~", "1", "v", "-", "%", "\u0000", "é", "\ud800"),
  });
  const property = fc.property(text, text, (left, right) => {
    const paths = [left, right].map((rest) => orNull(unescapeModulePath, `a.b/${rest}`));
    if (left !== right && paths[0] !== null) assert.notEqual(paths[0], paths[1]);
    orNull(unescapeVersion, left);
    orNull(escapeVersion, left);
    orNull(escapeModulePath, right);
  });
  fc.assert(property, { seed: seedOf(t), numRuns: 3000 });
});

function orNull(convert: (text: string) => string, text: string): string | null {
  try {
    return convert(text);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

function vectors(name: string) {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../../test/vectors/${name}.json`), "utf8"));
}

function seedOf(t: { diagnostic(message: string): void }): number {
  const seed = Date.now() % 2 ** 31;
  t.diagnostic(`seed ${seed}`);
  return seed;
}
