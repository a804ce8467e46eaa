import { mkdir, writeFile } from "node:fs/promises";
import { cpus, release } from "node:os";
import { join } from "node:path";

/** A row of a printed table: a name, then values with their column names. */
export interface Row {
  readonly name: string;
  readonly values: Readonly<Record<string, number | string>>;
}

/** One measurement: what was measured, the table, and what the issue wants of it. */
export interface Finding {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly targets: readonly Target[];
}

export interface Target {
  readonly what: string;
  readonly got: number;
  readonly want: number;
  readonly isAtMost: boolean;
}

const outFolder = join(import.meta.dirname, "out");

/** The finding as text: a table with right-aligned columns, then each target with its verdict. */
export function renderFinding({ title, rows, targets }: Finding): string {
  const columns = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const cells = [
    ["", ...columns],
    ...rows.map(({ name, values }) => [name, ...columns.map((column) => show(values[column]))]),
  ];
  const widths = ["", ...columns].map((_, index) => Math.max(...cells.map((row) => (row[index] ?? "").length)));
  const lines = cells.map((row) =>
    row
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join("  "),
  );
  return `\n${title}\n${[...lines, ...targets.map(renderTarget)].map((line) => `  ${line.trimEnd()}`).join("\n")}\n`;
}

/** Writes bench/out/NAME.json with the finding and the machine it was made on. */
export async function saveFinding(name: string, finding: Finding): Promise<void> {
  await mkdir(outFolder, { recursive: true });
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    kernel: release(),
    node: process.version,
  };
  const content = { measuredAt: new Date().toISOString(), machine, ...finding };
  await writeFile(join(outFolder, `${name}.json`), `${JSON.stringify(content, null, 2)}\n`);
}

function renderTarget({ what, got, want, isAtMost }: Target): string {
  const isMet = isAtMost ? got <= want : got >= want;
  return `${isMet ? "met   " : "MISSED"} ${what}: ${show(got)}, want ${isAtMost ? "at most" : "at least"} ${want}`;
}

function show(value: number | string | undefined): string {
  if (typeof value !== "number") return value ?? "";
  if (Number.isNaN(value)) return "-";
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : value.toFixed(2);
}
