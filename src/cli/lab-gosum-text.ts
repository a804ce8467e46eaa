import {
  axisText,
  type FoldedRow,
  foldOne,
  foldRows,
  groupRows,
  keyLine,
  type OutcomeGroup,
} from "../lab/fold-rows.ts";
import type { GosumReport, GosumRow } from "../lab/gosum-lab.ts";
import { counted } from "./human-units.ts";
import { type Column, renderTable, type View } from "./table.ts";
import { wrapText } from "./wrap-text.ts";

/** What is printed of a lab: all its rows, or those of one outcome folded. */
export interface GosumPage {
  readonly report: GosumReport;
  readonly isWhole: boolean;
}

/** A line of the table and the letter of its outcome. */
export interface GosumLine {
  readonly letter: string;
  readonly folded: FoldedRow;
}

/** The lines of the table: one for each row in their order, or the folded ones by outcome. */
export function gosumLines(groups: readonly OutcomeGroup[], { report, isWhole }: GosumPage): GosumLine[] {
  if (!isWhole) return groups.flatMap((group) => foldRows(group).map((folded) => ({ letter: group.letter, folded })));
  const letters = new Map<GosumRow, string>(groups.flatMap(({ letter, rows }) => rows.map((row) => [row, letter])));
  return report.rows.map((row) => ({ letter: letters.get(row) ?? "", folded: foldOne(row) }));
}

/** One line on what ran. */
export function gosumTitle({ go, rows }: GosumReport, groups: readonly OutcomeGroup[]): string {
  return `${go}: ${counted(rows.length, "combination")}, ${counted(groups.length, "outcome")}`;
}

/** The lab for a terminal: a table that ends in letters, then what each letter stands for. */
export function gosumText(page: GosumPage, view: View): string {
  const groups = groupRows(page.report.rows);
  const cells = gosumLines(groups, page).map(({ letter, folded }) => [
    axisText(folded, "sum"),
    axisText(folded, "cache"),
    axisText(folded, "network"),
    axisText(folded, "sumdb"),
    axisText(folded, "mod"),
    exitText(folded.rows[0]),
    letter,
    keyLine(folded.rows[0]) || folded.rows[0].did,
  ]);
  const width = Math.min(view.width ?? 100, 100);
  const legend = groups.map((group) => legendOf(group, { view, width }));
  return `${view.paint("bold", gosumTitle(page.report, groups))}\n\n${renderTable(columns, cells, view)}\n${legend.join("\n")}`;
}

/** The exit code, or `-` where a signal ended go. */
export function exitText({ exitCode }: GosumRow): string {
  return exitCode === null ? "-" : String(exitCode);
}

const columns: readonly Column[] = [
  { title: "GO.SUM" },
  { title: "CACHED" },
  { title: "NETWORK" },
  { title: "GOSUMDB" },
  { title: "-MOD" },
  { title: "EXIT", align: "right", style: (cell) => (cell === "0" ? "green" : "red") },
  { title: "" },
  { title: "GO SAYS, OR DOES" },
];

const indent = "   ";

function legendOf({ letter, rows }: OutcomeGroup, { view, width }: { view: View; width: number }): string {
  const [row] = rows;
  const { paint } = view;
  const below = (text: string): string[] => wrapText(text, width - indent.length).map((line) => indent + line);
  const [first = "", ...more] = below(`go ${row.did} (exit code ${exitText(row)}, ${counted(rows.length, "row")}).`);
  const message = row.message === "" ? [] : row.message.split("\n");
  const lines = [
    `${paint("bold", letter)}${first.slice(1)}`,
    ...more,
    ...message.map((line) => `${indent}${paint("dim", `| ${line.replaceAll("\t", "    ")}`.trimEnd())}`),
    ...below(row.advice),
    ...(row.command === null ? [] : [`${indent}${paint("green", "help:")} ${row.command}`]),
  ];
  return `${lines.join("\n")}\n`;
}
