import assert from "node:assert/strict";
import { test } from "node:test";
import { faultLine } from "./fault.ts";
import { readYaml } from "./yaml-source.ts";

const faultsOf = (content: string | Uint8Array): string[] => {
  const source = readYaml(content, "f.yaml");
  assert.ok(!("data" in source), "want faults");
  return source.map(faultLine);
};

test("readYaml says where a text is no YAML and what would be right", () => {
  const rows: [string, RegExp][] = [
    ["a: 1\nb: 2\na: 3\n", /^f\.yaml:3:1 a: stands twice .* want it once$/],
    ["a: b: c\n", /^f\.yaml:1:4: is no YAML: .*; want the value in quotes/],
    ["a:\n\tb: 1\n", /^f\.yaml:2:1: is no YAML: .*want spaces/],
    ["a: 1\n---\nb: 2\n", /^f\.yaml:2:1: .*want one document/],
    ["a: @x\n", /^f\.yaml:1:4: .*in quotes/],
    ["a: 'x\n", /^f\.yaml:\d+:\d+: .*quotes and brackets closed/],
    ["a: !secret x\n", /^f\.yaml:1:4: .*without !tags/],
    ["a: *x\n", /^f\.yaml:1:4: the alias \*x has no anchor/],
  ];
  for (const [text, want] of rows) assert.match(faultsOf(text)[0] ?? "", want);
});

test("readYaml refuses more than 1 MiB, other encodings, endless nesting and alias bombs", () => {
  assert.deepEqual(faultsOf(Buffer.alloc(10 * 1024 * 1024, "a")), ["f.yaml: has 10.0 MiB; want at most 1 MiB"]);
  assert.match(faultsOf(Uint8Array.of(0x61, 0xff, 0xfe))[0] ?? "", /not UTF-8/);
  assert.match(faultsOf("[".repeat(50_000))[0] ?? "", /nests too deep/);
  let bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (let level = 1; level < 9; level++) {
    bomb += `a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(", ")}]\n`;
  }
  assert.match(faultsOf(bomb)[0] ?? "", /aliases grow beyond 100/);
});

test("readYaml finds the place of keys and values, through aliases too", () => {
  const source = readYaml("base: &b {x: 1}\nlist:\n  - name: one\n  - *b\n", "f.yaml");
  assert.ok("data" in source);
  assert.equal(source.placeOf(["base"], "key"), "f.yaml:1:1");
  assert.equal(source.placeOf(["base", "x"], "value"), "f.yaml:1:14");
  assert.equal(source.placeOf(["list", 0, "name"], "value"), "f.yaml:3:11");
  assert.equal(source.placeOf(["list", 1, "x"], "value"), "f.yaml:1:14");
  assert.equal(source.placeOf(["list", 0, "nosuch"], "value"), "f.yaml:3:5");
  assert.equal(source.placeOf([], "value"), "f.yaml:1:1");
});

test("readYaml takes JSON, an empty text, and keys that a prototype has", () => {
  const json = readYaml('{"a": [1]}', "f");
  assert.ok("data" in json);
  assert.deepEqual(json.data, { a: [1] });
  const empty = readYaml("# nothing\n", "f");
  assert.ok("data" in empty);
  assert.equal(empty.data, null);
  const odd = readYaml("__proto__: {polluted: true}\n", "f");
  assert.ok("data" in odd);
  assert.equal(Object.getOwnPropertyDescriptor(Object.prototype, "polluted"), undefined);
});
