import assert from "node:assert/strict";
import { test } from "node:test";
import { Problem } from "../kernel/problem.ts";
import { problemCodes, type ProblemCode } from "../kernel/problem-codes.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { findingsText, printProblem, printResult, type PrintedFinding, type Screen } from "./render.ts";

function screenOf(changes: Partial<Screen> = {}): { screen: Screen; out: string[]; err: string[] } {
  const out: string[] = [];
  const err: string[] = [];
  const stdout = { write: (text: string) => void out.push(text), isTTY: false, columns: 80 };
  const stderr = { write: (text: string) => void err.push(text), isTTY: true, columns: 80 };
  return {
    screen: { command: "cache stats", stdout, stderr, env: {}, colour: "auto", isJson: false, ...changes },
    out,
    err,
  };
}

const result = {
  data: { files: 3 },
  exitCode: 1,
  text: ({ width }: { width: number | null }) => `3 files, ${width}\n`,
};

test("printResult prints text on standard output alone and gives the exit code", () => {
  const { screen, out, err } = screenOf();
  assert.equal(printResult(result, screen), 1);
  assert.deepEqual([out, err], [["3 files, null\n"], []]);
});

test("printResult tells the text how wide a terminal is", () => {
  const { screen, out } = screenOf();
  printResult(result, { ...screen, stdout: { ...screen.stdout, isTTY: true } });
  assert.deepEqual(out, ["3 files, 80\n"]);
});

test("printResult wraps data with schemaVersion, command and exit code under --json", () => {
  const { screen, out } = screenOf({ isJson: true });
  printResult(result, screen);
  assert.deepEqual(JSON.parse(out.join("")), {
    schemaVersion: 1,
    command: "cache stats",
    exitCode: 1,
    data: { files: 3 },
  });
});

test("printProblem prints code, message, tries and help on standard error", () => {
  const { screen, out, err } = screenOf({ colour: "never" });
  const tried = ["proxy: 503\u001b[2J Service Unavailable"];
  assert.equal(printProblem(new Problem("UPSTREAM_UNREACHABLE", "Cannot reach proxy", { tried }), screen), 3);
  assert.deepEqual(out, []);
  assert.equal(
    err.join(""),
    "error UPSTREAM_UNREACHABLE: Cannot reach proxy\n  proxy: 503 [2J Service Unavailable\n  help: try again; `modgate smoke URL` shows which upstream fails\n",
  );
});

test("printProblem prints errors as JSON on standard output under --json", () => {
  const { screen, out, err } = screenOf({ isJson: true });
  assert.equal(printProblem(new Problem("USAGE", "no such flag"), screen), 2);
  assert.deepEqual(err, []);
  assert.partialDeepStrictEqual(JSON.parse(out.join("")), {
    schemaVersion: 1,
    command: "cache stats",
    exitCode: 2,
    error: { code: "USAGE", verdict: "invalid", message: "no such flag", tried: [] },
  });
});

test("printProblem shows the stack of a bug, and colour where standard error is a terminal", () => {
  const { screen, err } = screenOf();
  assert.equal(printProblem(new TypeError("x is not a function"), screen), 1);
  assert.match(err.join(""), /^\u001b\[31merror\u001b\[39m .*INTERNAL/);
  assert.match(err.join(""), /TypeError: x is not a function\n +at /);
});

test("findingsText prints severity, code, place, key, message, example and help", () => {
  const finding: PrintedFinding = {
    code: "MG1203",
    severity: "error",
    place: "modgate.yaml:4:3",
    path: "rules[0].pattern",
    message: "blocks a semantic path",
    help: "write pattern: example.com/*",
    example: "GET /example.com/a/@v/list",
  };
  const paint = (_: string, text: string): string => text;
  assert.equal(
    findingsText([finding, { ...finding, severity: "warning", place: null, path: "", example: null }], paint),
    [
      "error MG1203 modgate.yaml:4:3 rules[0].pattern: blocks a semantic path",
      "  would break: GET /example.com/a/@v/list",
      "warning MG1203: blocks a semantic path",
      "  help: write pattern: example.com/*",
      "",
    ].join("\n"),
    "help that is the same stands once",
  );
  const other = { ...finding, example: null, help: "another" };
  assert.equal(findingsText([finding, other], paint).match(/ {2}help: /g)?.length, 2);
  assert.equal(findingsText([], paint), "");
});

test("exitCodeOf has one of the documented codes for every problem", () => {
  const wants: Partial<Record<ProblemCode, number>> = {
    USAGE: 2,
    CONFIG_INVALID: 2,
    UPSTREAM_UNREACHABLE: 3,
    BREAKER_OPEN: 3,
    UPSTREAM_DAMAGED: 4,
    MODULE_ABSENT: 1,
    DENIED_BY_RULE: 1,
    STORE_FAILED: 1,
    INTERNAL: 1,
  };
  for (const code of Object.keys(problemCodes) as ProblemCode[]) {
    const exitCode = exitCodeOf(new Problem(code, "x"));
    assert.ok([1, 2, 3, 4].includes(exitCode), code);
    if (wants[code] !== undefined) assert.equal(exitCode, wants[code], code);
  }
});
