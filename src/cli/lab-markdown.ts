import { axisText, type GroupedTable, groupTables, keyLine, type OutcomeGroup } from "../lab/fold-rows.ts";
import { exitText, labLines, type LabPage, sizeOf } from "./lab-text.ts";

/** The lab as a page of Markdown: the same on every machine with the same go. `options` are those it was made with. */
export function labMarkdown({ report, isWhole }: LabPage, options: readonly string[]): string {
  const tables = groupTables(report.tables);
  const several = tables.length > 1;
  const typed = ["modgate", "lab", report.lab, "--markdown", ...options].join(" ");
  const sizes = tables.map((grouped) => sizeOf(grouped)).join("; ");
  const sections = tables.flatMap((grouped) => tableSection(grouped, { isWhole, several }));
  const head = [`# ${report.title}`, "", `Made by \`${typed}\` with ${report.go}: ${sizes}.`, ""];
  return `${[...head, ...sections].join("\n").trimEnd()}\n`;
}

function tableSection(
  grouped: GroupedTable,
  { isWhole, several }: { readonly isWhole: boolean; readonly several: boolean },
): string[] {
  const { table, groups } = grouped;
  const lines = several ? [`## ${table.title}`, ""] : [];
  for (const note of [...table.notes, "**any**: go does and says the same for every value."]) lines.push(`- ${note}`);
  lines.push("", ...tableLines(grouped, isWhole), "");
  if (table.hasLegend) for (const group of groups) lines.push(...sectionOf(group, several ? "###" : "##"));
  return lines;
}

function tableLines(grouped: GroupedTable, isWhole: boolean): string[] {
  const { table } = grouped;
  const hasAdvice = table.rows.some(({ advice }) => advice !== null);
  const hasMessages = table.rows.some((row) => keyLine(row) !== "");
  const heads = [
    ...table.axes.map(({ title }) => title),
    ...table.columns,
    "exit",
    ...(table.hasLegend ? [""] : []),
    "what go does",
    ...(hasMessages ? ["its message"] : []),
    ...(hasAdvice ? ["what to do"] : []),
  ];
  const lines = labLines(grouped, isWhole).map(({ letter, folded }) => {
    const [row] = folded.rows;
    return tableRow([
      ...table.axes.map((axis) => axisText(folded, axis)),
      ...table.columns.map((title) => row.facts[title] ?? ""),
      exitText(row),
      ...(table.hasLegend ? [`[${letter}](#${letter.toLowerCase()})`] : []),
      row.did,
      ...(hasMessages ? [codeOf(keyLine(row))] : []),
      ...(hasAdvice ? [row.command === null ? (row.advice ?? "") : codeOf(row.command)] : []),
    ]);
  });
  return [tableRow(heads), tableRow(heads.map(() => "---")), ...lines];
}

function sectionOf({ letter, rows }: OutcomeGroup, heading: string): string[] {
  const [row] = rows;
  const said = row.message === "" ? ["It prints nothing."] : ["```text", row.message, "```"];
  const advice = row.advice === null ? [] : [row.advice, ""];
  const command = row.command === null ? [] : ["```sh", row.command, "```", ""];
  const did = `go ${row.did}. Exit code ${exitText(row)}.`;
  return [`${heading} ${letter}`, "", did, "", ...said, "", ...advice, ...command];
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function codeOf(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}
