import { Problem } from "../kernel/problem.ts";
import type { Output } from "./cli-context.ts";
import { paintFor, type ColourChoice, type Paint, type Style } from "./colour.ts";
import { exitCodeOf } from "./exit-codes.ts";
import type { View } from "./table.ts";
import { oneLine } from "./text-width.ts";

/** What a command found out: data for --json, and the same as text. */
export interface CommandResult {
  readonly data: unknown;
  readonly text: (view: View) => string;
  readonly exitCode: number;
}

/** Where and how a command prints. */
export interface Screen {
  /** The command as it is typed, without `modgate`, such as `cache stats`. */
  readonly command: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly colour: ColourChoice;
  readonly isJson: boolean;
}

/** One thing that a check found. */
export interface PrintedFinding {
  /** Such as MG1203. */
  readonly code: string;
  readonly severity: "error" | "warning" | "info";
  /** `file:line:column`, or another name of the place; null where there is none. */
  readonly place: string | null;
  /** The key at that place, such as `rules[0].pattern`; "" where there is none. */
  readonly path: string;
  readonly message: string;
  /** The exact command, or the one thing, that mends it. */
  readonly help: string;
  /** A request that would break; null where there is none to show. */
  readonly example: string | null;
}

const schemaVersion = 1;
const severityStyles: Readonly<Record<PrintedFinding["severity"], Style>> = {
  error: "red",
  warning: "yellow",
  info: "cyan",
};

/**
 * Prints what a command found out on standard output, as text or as one JSON document
 * `{schemaVersion, command, exitCode, data}`, and gives its exit code.
 */
export function printResult(result: CommandResult, screen: Screen): number {
  const { stdout, env, colour, command } = screen;
  const { data, exitCode } = result;
  if (screen.isJson) stdout.write(jsonOf({ schemaVersion, command, exitCode, data }));
  else stdout.write(result.text({ paint: paintFor(stdout, env, colour), width: stdout.isTTY ? stdout.columns : null }));
  return exitCode;
}

/**
 * Prints why a command failed and gives its exit code: on standard error as text, or on standard output as
 * `{schemaVersion, command, exitCode, error}`. A bug is shown with its stack.
 */
export function printProblem(error: unknown, screen: Screen): number {
  const problem = Problem.from(error);
  const exitCode = exitCodeOf(problem);
  const { stdout, stderr, env, colour, command } = screen;
  if (screen.isJson) {
    const { code, verdict, message, hint, tried } = problem;
    stdout.write(jsonOf({ schemaVersion, command, exitCode, error: { code, verdict, message, hint, tried } }));
  } else {
    stderr.write(problemLines(problem, paintFor(stderr, env, colour)));
  }
  return exitCode;
}

/** Findings as text: severity, code, place and message on a line, the help below. Empty where there are none. */
export function findingsText(findings: readonly PrintedFinding[], paint: Paint): string {
  return findings
    .map(({ code, severity, place, path, message, help, example }, index) => {
      const where = [place ?? "", path].filter((word) => word !== "").map((word) => ` ${paint("cyan", oneLine(word))}`);
      const head = `${paint(severityStyles[severity], severity)} ${paint("bold", code)}${where.join("")}`;
      const broken = example === null ? "" : `  would break: ${oneLine(example)}\n`;
      // One line of help stands for all in a row that have the same.
      const helped = findings[index + 1]?.help === help ? "" : helpLine(help, paint);
      return `${head}: ${oneLine(message)}\n${broken}${helped}`;
    })
    .join("");
}

function problemLines(problem: Problem, paint: Paint): string {
  // A message of several lines lists several places, each of which is a line.
  const message = problem.message.split("\n").map(oneLine).join("\n  ");
  const tried = problem.tried
    .filter((line) => line !== problem.message)
    .map((line) => `  ${oneLine(line)}\n`)
    .join("");
  const stack = problem.code === "INTERNAL" && problem.cause instanceof Error ? `${problem.cause.stack}\n` : "";
  return `${paint("red", "error")} ${paint("bold", problem.code)}: ${message}\n${tried}${helpLine(problem.hint, paint)}${stack}`;
}

function helpLine(help: string, paint: Paint): string {
  return `  ${paint("green", "help:")} ${oneLine(help)}\n`;
}

function jsonOf(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
