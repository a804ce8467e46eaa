import type { LabFact, LabRun, LabStep } from "../lab/lab-story.ts";
import type { PoisonReport } from "../lab/poison-lab.ts";
import type { Style } from "./colour.ts";
import type { View } from "./table.ts";
import { wrapText } from "./wrap-text.ts";

const indent = "   ";

/** The chain for a terminal: each step with what it shows, what ran, and what was found. */
export function poisonText(report: PoisonReport, view: View): string {
  const width = Math.min(view.width ?? 100, 100) - indent.length;
  const below = (text: string): string[] => wrapText(text, width).map((line) => indent + line);
  const { paint } = view;
  const stepLines = (step: LabStep, index: number): string[] => [
    paint("bold", `${index + 1}  ${step.title}`),
    ...below(step.shows),
    "",
    ...step.runs.flatMap((run) => [...(run.note === null ? [] : below(run.note)), ...runLines(run, view), ""]),
    ...factLines(step.facts, report, view),
    "",
  ];
  const head = [
    paint("bold", `${report.go}: ${report.module}`),
    `${indent}published  ${report.published}`,
    `${indent}other      ${report.other}`,
    "",
  ];
  return `${[...head, ...report.steps.flatMap(stepLines)].join("\n").trimEnd()}\n`;
}

/** The chain as a page of Markdown: the same on every machine with the same go. */
export function poisonMarkdown(report: PoisonReport): string {
  const stepLines = (step: LabStep, index: number): string[] => [
    `## ${index + 1}. ${step.title}`,
    "",
    step.shows,
    "",
    ...step.runs.flatMap((run) => [
      ...(run.note === null ? [] : [run.note, ""]),
      "```text",
      `$ ${run.command}`,
      ...(run.output === "" ? [] : [run.output]),
      ...exitLines(run),
      "```",
      "",
    ]),
    ...step.facts.map(({ name, value }) => `- ${name}: \`${value}\`${kindOf(value, report).text}`),
    "",
  ];
  const head = [
    "# How a module cache is poisoned, and what stops it",
    "",
    `Made by \`modgate lab poison --markdown\` with ${report.go}: every step is a real run with the module \`${report.module}\`. \`{honest}\`, \`{other}\`, \`{database}\` and \`{gateway}\` stand for addresses.`,
    "",
    `- published: \`${report.published}\``,
    `- other: \`${report.other}\``,
    "",
  ];
  return `${[...head, ...report.steps.flatMap(stepLines)].join("\n").trimEnd()}\n`;
}

function runLines(run: LabRun, { paint }: View): string[] {
  const output = run.output === "" ? [] : run.output.split("\n");
  return [
    `${indent}$ ${paint("cyan", run.command)}`,
    ...output.map((line) => `${indent}${paint("dim", `| ${line.replaceAll("\t", "    ")}`.trimEnd())}`),
    ...exitLines(run).map((line) => `${indent}${paint("red", line)}`),
  ];
}

function exitLines({ exitCode }: LabRun): string[] {
  return exitCode === 0 || exitCode === null ? [] : [`(exit code ${exitCode})`];
}

function factLines(facts: readonly LabFact[], report: PoisonReport, { paint }: View): string[] {
  const widest = Math.max(0, ...facts.map(({ name }) => name.length));
  return facts.map(({ name, value }) => {
    const { text, style } = kindOf(value, report);
    return `${indent}${name.padEnd(widest)}  ${value}${style === null ? text : paint(style, text)}`;
  });
}

// Which of the two a hash is of, after the hash itself.
function kindOf(
  value: string,
  { published, other }: PoisonReport,
): { readonly text: string; readonly style: Style | null } {
  if (value === published) return { text: " (published)", style: "green" };
  if (value === other) return { text: " (OTHER)", style: "red" };
  return { text: "", style: null };
}
