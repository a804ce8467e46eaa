import { axisText, groupRows, keyLine, type OutcomeGroup } from "../lab/fold-rows.ts";
import { exitText, gosumLines, type GosumPage, gosumTitle } from "./lab-gosum-text.ts";

/** The lab as a page of Markdown: the same on every machine with the same go. */
export function gosumMarkdown(page: GosumPage): string {
  const groups = groupRows(page.report.rows);
  const lines = gosumLines(groups, page).map(({ letter, folded }) => {
    const [row] = folded.rows;
    return tableRow([
      axisText(folded, "sum"),
      axisText(folded, "cache"),
      axisText(folded, "network"),
      axisText(folded, "sumdb"),
      axisText(folded, "mod"),
      exitText(row),
      `[${letter}](#${letter.toLowerCase()})`,
      row.did,
      codeOf(keyLine(row)),
      row.command === null ? row.advice : codeOf(row.command),
    ]);
  });
  return [
    "# go.sum, the module cache and a network that fails",
    "",
    `Made by \`modgate lab gosum --markdown${page.isWhole ? " --all" : ""}\` with ${gosumTitle(page.report, groups)}. Each row is a real \`go build\` with the one dependency \`${page.report.module}\`.`,
    "",
    ...notes,
    "",
    tableRow([
      "go.sum",
      "cached",
      "network",
      "GOSUMDB",
      "-mod",
      "exit",
      "",
      "what go does",
      "its message",
      "what to do",
    ]),
    tableRow(Array.from({ length: 10 }, () => "---")),
    ...lines,
    "",
    ...groups.flatMap(sectionOf),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

const notes = [
  "- **go.sum** `has` both lines of the module, `lacks` them, or has a `wrong` hash of its zip.",
  "- **cached**: the module's files are in the module cache, from a download with GOSUMDB=off. Where the database's answer is there too, go needs neither proxy nor database.",
  "- **network** `down`: the proxy and the checksum database refuse every connection.",
  "- **any**: go does and says the same for every value.",
  "- `{proxy}` and `{database}` stand for their addresses.",
];

function sectionOf({ letter, rows }: OutcomeGroup): string[] {
  const [row] = rows;
  const said = row.message === "" ? ["It prints nothing."] : ["```text", row.message, "```"];
  const command = row.command === null ? [] : ["```sh", row.command, "```", ""];
  return [
    `## ${letter}`,
    "",
    `go ${row.did}. Exit code ${exitText(row)}.`,
    "",
    ...said,
    "",
    row.advice,
    "",
    ...command,
  ];
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function codeOf(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}
