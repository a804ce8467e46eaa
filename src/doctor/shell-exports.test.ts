import assert from "node:assert/strict";
import { test } from "node:test";
import { type Dialect, exportOf, shellExports } from "./shell-exports.ts";

const names = new Set(["GOPROXY", "GOFLAGS"]);
const environment = { HOME: "/home/joe", CORP: "corp.test" };

const lines: readonly [Dialect, string, string | null, boolean][] = [
  ["sh", "export GOPROXY=https://a.test", "https://a.test", true],
  ["sh", '  export GOPROXY="https://a.test,direct" # why', "https://a.test,direct", true],
  ["sh", "export GOPROXY='https://a.test|direct'", "https://a.test|direct", true],
  ["sh", 'export GOPROXY="https://go.$CORP" GOFLAGS=-mod=mod', "https://go.corp.test", false],
  ["sh", "export GOPROXY=https://go.${CORP}/x", "https://go.corp.test/x", true],
  ["sh", "export GOPROXY=file://~/x", "file://~/x", true],
  ["sh", "export GOPROXY=~/x", "/home/joe/x", true],
  ["sh", "[ -n x ] && export GOPROXY=https://a.test", "https://a.test", false],
  ["sh", "if true; then export GOPROXY=https://a.test; fi", "https://a.test", false],
  ["sh", "export GOPROXY=$(cat proxy)", null, true],
  ["sh", "GOPROXY=https://a.test; export GOPROXY", "https://a.test", false],
  ["sh", "declare -x GOPROXY=https://a.test", "https://a.test", true],
  ["sh", "typeset -gx GOPROXY=https://a.test", "https://a.test", true],
  ["fish", "set -gx GOPROXY https://a.test", "https://a.test", true],
  ["fish", "set --export GOPROXY 'https://a.test|direct'", "https://a.test|direct", true],
  ["fish variables", "SETUVAR --export GOPROXY:https://a.test", "https://a.test", true],
  ["pairs", "GOPROXY=https://a.test|direct", "https://a.test|direct", true],
  ["pairs", 'GOPROXY="https://a.test"', "https://a.test", true],
];

test("shellExports reads each way in which a start-up file exports a variable", () => {
  for (const [dialect, text, value, isAlone] of lines) {
    const [found] = shellExports([{ path: "/rc", dialect, text: `# first\n${text}\n` }], names, environment);
    assert.deepEqual(found, { name: "GOPROXY", value, path: "/rc", line: 2, isAlone }, text);
  }
});

test("shellExports passes over what does not export", () => {
  const others: readonly [Dialect, string][] = [
    ["sh", "# export GOPROXY=x"],
    ["sh", "GOPROXY=x go build"],
    ["sh", "GOPROXY=x"],
    ["sh", "echo export GOPROXY=x"],
    ["sh", "declare GOPROXY=x"],
    ["sh", "export GOPROXY_OLD=x"],
    ["fish", "set -g GOPROXY x"],
    ["fish variables", "SETUVAR GOPROXY:x"],
    ["pairs", "#GOPROXY=x"],
  ];
  for (const [dialect, text] of others) {
    assert.deepEqual(shellExports([{ path: "/rc", dialect, text }], names, environment), [], text);
  }
});

test("exportOf prefers the line that gives the value of the environment, then the last one", () => {
  const text = "export GOPROXY=one\nGOPROXY=two\nexport GOPROXY\nexport GOPROXY=three\n";
  const found = shellExports([{ path: "/rc", dialect: "sh", text }], names, environment);
  const lineOf = (value: string): number | undefined => exportOf(found, "GOPROXY", value)?.line;
  assert.deepEqual([lineOf("one"), lineOf("two"), lineOf("three"), lineOf("other")], [1, 2, 4, 4]);
  assert.equal(exportOf(found, "GOFLAGS", "x"), null);
});
