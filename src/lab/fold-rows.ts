import type { LabAxis, LabRow, LabTable } from "./lab-table.ts";

/** Rows of one outcome, exit code and message that differ along whole axes. */
export interface FoldedRow {
  /** The values of each axis that the rows have between them. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  readonly rows: readonly [LabRow, ...LabRow[]];
}

/** The line of a message that says why; go's progress is none. "" where there is no other. */
export function keyLine({ message }: Pick<LabRow, "message">): string {
  return message.split("\n").find((line) => !line.startsWith("go: downloading ")) ?? "";
}

/** Rows in which go did the same, with the same words. */
export interface OutcomeGroup {
  /** A, B, C and so on, in the order in which they first come. */
  readonly letter: string;
  readonly rows: readonly [LabRow, ...LabRow[]];
}

/** A table with its groups. */
export interface GroupedTable {
  readonly table: LabTable;
  readonly groups: readonly OutcomeGroup[];
}

/** The groups of several tables; no letter stands for two of them. */
export function groupTables(tables: readonly LabTable[]): GroupedTable[] {
  let before = 0;
  return tables.map((table) => {
    const groups = groupRows(table, before);
    if (table.hasLegend) before += groups.length;
    return { table, groups };
  });
}

/** The rows by what go did and said, in the order in which each first comes; the first is the letter number `from`. */
export function groupRows({ rows, axes }: LabTable, from = 0): OutcomeGroup[] {
  const kept = axes.filter(({ isKept }) => isKept === true);
  const groups = new Map<string, [LabRow, ...LabRow[]]>();
  for (const row of rows) {
    const { outcome, did, exitCode, message, facts, values } = row;
    const key = JSON.stringify([outcome, did, exitCode, message, facts, kept.map(({ name }) => values[name])]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].map((rows, index) => ({ letter: letterOf(from + index), rows }));
}

/** One row in the form of folded ones. */
export function foldOne(row: LabRow): FoldedRow {
  return {
    values: Object.fromEntries(Object.entries(row.values).map(([name, value]) => [name, [value]])),
    rows: [row],
  };
}

/** The rows of a group with every axis folded along which the others agree: no row is in two of them, none is lost. */
export function foldRows({ rows }: OutcomeGroup, axes: readonly LabAxis[]): FoldedRow[] {
  let folded = rows.map(foldOne);
  for (const { name } of axes.toReversed()) {
    const merged = new Map<string, FoldedRow>();
    for (const one of folded) {
      const key = JSON.stringify({ ...one.values, [name]: [] });
      const before = merged.get(key);
      merged.set(key, before === undefined ? one : join(before, one, name));
    }
    folded = [...merged.values()];
  }
  return folded;
}

/** The values of an axis in a folded row for people: `any` where it has all of several. */
export function axisText({ values }: FoldedRow, axis: LabAxis): string {
  const named = values[axis.name] ?? [];
  return axis.values.length > 1 && named.length === axis.values.length ? "any" : named.join(", ");
}

function join(left: FoldedRow, right: FoldedRow, name: string): FoldedRow {
  return {
    values: { ...left.values, [name]: [...(left.values[name] ?? []), ...(right.values[name] ?? [])] },
    rows: [...left.rows, ...right.rows],
  };
}

// A to Z, then AA, AB and so on.
function letterOf(index: number): string {
  const last = String.fromCharCode("A".charCodeAt(0) + (index % 26));
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last;
}
