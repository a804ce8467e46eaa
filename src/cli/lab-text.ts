import {
  axisText,
  type FoldedRow,
  foldOne,
  foldRows,
  type GroupedTable,
  groupTables,
  keyLine,
  type OutcomeGroup,
} from "../lab/fold-rows.ts";
import type { LabReport, LabRow, LabTable } from "../lab/lab-table.ts";
import { counted } from "./human-units.ts";
import { type Column, renderTable, type View } from "./table.ts";
import { wrapText } from "./wrap-text.ts";

/** What is printed of a lab: all its rows, or those of one outcome folded. */
export interface LabPage {
  readonly report: LabReport;
  readonly isWhole: boolean;
}

/** A line of a table and the letter of its outcome. */
export interface LabLine {
  readonly letter: string;
  readonly folded: FoldedRow;
}

/** The lines of a table: one for each row in their order, or the folded ones by outcome. */
export function labLines({ table, groups }: GroupedTable, isWhole: boolean): LabLine[] {
  if (!isWhole) {
    return groups.flatMap((group) => foldRows(group, table.axes).map((folded) => ({ letter: group.letter, folded })));
  }
  const letters = new Map<LabRow, string>(groups.flatMap(({ letter, rows }) => rows.map((row) => [row, letter])));
  return table.rows.map((row) => ({ letter: letters.get(row) ?? "", folded: foldOne(row) }));
}

/** How much a table has. */
export function sizeOf({ table, groups }: GroupedTable): string {
  return `${counted(table.rows.length, "combination")}, ${counted(groups.length, "outcome")}`;
}

/** The lab for a terminal: tables that end in letters, then what each letter stands for. */
export function labText({ report, isWhole }: LabPage, view: View): string {
  const tables = groupTables(report.tables).map((grouped) => {
    const { table, groups } = grouped;
    const name = report.tables.length > 1 ? `${table.title}: ` : "";
    const head = view.paint("bold", `${report.go}: ${name}${sizeOf(grouped)}`);
    const columns = [
      ...table.axes.map(({ title }) => ({ title: title.toUpperCase() })),
      ...table.columns.map((title) => ({ title: title.toUpperCase() })),
      exitColumn,
      ...(table.hasLegend ? [{ title: "" }] : []),
      { title: "GO SAYS, OR DOES" },
    ];
    const cells = labLines(grouped, isWhole).map((line) => cellsOf(line, table));
    const width = Math.min(view.width ?? 100, 100);
    const legend = table.hasLegend ? groups.map((group) => legendOf(group, { view, width })) : [];
    return [`${head}\n\n${renderTable(columns, cells, view)}`, ...legend].join("\n");
  });
  return tables.join("\n");
}

/** The exit code, or `-` where a signal ended go. */
export function exitText({ exitCode }: LabRow): string {
  return exitCode === null ? "-" : String(exitCode);
}

const exitColumn: Column = { title: "EXIT", align: "right", style: (cell) => (cell === "0" ? "green" : "red") };
const indent = "   ";

function cellsOf({ letter, folded }: LabLine, { axes, columns, hasLegend }: LabTable): string[] {
  const [row] = folded.rows;
  const cells = axes.map((axis) => axisText(folded, axis));
  for (const title of columns) cells.push(row.facts[title] ?? "");
  cells.push(exitText(row));
  if (hasLegend) cells.push(letter);
  return [...cells, keyLine(row) || row.did];
}

function legendOf({ letter, rows }: OutcomeGroup, { view, width }: { view: View; width: number }): string {
  const [row] = rows;
  const { paint } = view;
  const below = (text: string): string[] => wrapText(text, width - indent.length).map((line) => indent + line);
  const [first = "", ...more] = below(`go ${row.did} (exit code ${exitText(row)}, ${counted(rows.length, "row")}).`);
  const message = row.message === "" ? [] : row.message.split("\n");
  const lines = [
    `${paint("bold", letter)}${letter.length < indent.length ? first.slice(letter.length) : ` ${first.trimStart()}`}`,
    ...more,
    ...message.map((line) => `${indent}${paint("dim", `| ${line.replaceAll("\t", "    ")}`.trimEnd())}`),
    ...(row.advice === null ? [] : below(row.advice)),
    ...(row.command === null ? [] : [`${indent}${paint("green", "help:")} ${row.command}`]),
  ];
  return `${lines.join("\n")}\n`;
}
