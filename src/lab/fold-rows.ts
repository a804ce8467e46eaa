import { axisNames, type GosumAxis, gosumAxes } from "./gosum-axes.ts";
import type { GosumRow } from "./gosum-lab.ts";

/** Rows of one outcome, exit code and message that differ along whole axes. */
export interface FoldedRow {
  /** The values of each axis that the rows have between them. */
  readonly values: Readonly<Record<GosumAxis, readonly string[]>>;
  readonly rows: readonly [GosumRow, ...GosumRow[]];
}

/** The line of a message that says why; go's progress is none. "" where there is no other. */
export function keyLine({ message }: GosumRow): string {
  return message.split("\n").find((line) => !line.startsWith("go: downloading ")) ?? "";
}

/** Rows in which go did the same, with the same words. */
export interface OutcomeGroup {
  /** A, B, C and so on, in the order in which they first come. */
  readonly letter: string;
  readonly rows: readonly [GosumRow, ...GosumRow[]];
}

/** The rows by what go did and said, in the order in which each first comes. */
export function groupRows(rows: readonly GosumRow[]): OutcomeGroup[] {
  const groups = new Map<string, [GosumRow, ...GosumRow[]]>();
  for (const row of rows) {
    const key = JSON.stringify([row.outcome, row.exitCode, row.message]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].map((rows, index) => ({ letter: letterOf(index), rows }));
}

/** One row in the form of folded ones. */
export function foldOne(row: GosumRow): FoldedRow {
  const { sum, cache, network, sumdb, mod } = row;
  return { values: { sum: [sum], cache: [cache], network: [network], sumdb: [sumdb], mod: [mod] }, rows: [row] };
}

/** The rows of a group with every axis folded along which the others agree: no row is in two of them, none is lost. */
export function foldRows({ rows }: OutcomeGroup): FoldedRow[] {
  let folded = rows.map(foldOne);
  for (const axis of axisNames.toReversed()) {
    const merged = new Map<string, FoldedRow>();
    for (const one of folded) {
      const key = JSON.stringify({ ...one.values, [axis]: [] });
      const before = merged.get(key);
      merged.set(key, before === undefined ? one : join(before, one, axis));
    }
    folded = [...merged.values()];
  }
  return folded;
}

/** The values of an axis in a folded row for people: `any` where it has all of them. */
export function axisText({ values }: FoldedRow, axis: GosumAxis): string {
  return values[axis].length === gosumAxes[axis].length ? "any" : values[axis].join(", ");
}

function join(left: FoldedRow, right: FoldedRow, axis: GosumAxis): FoldedRow {
  return {
    values: { ...left.values, [axis]: [...left.values[axis], ...right.values[axis]] },
    rows: [...left.rows, ...right.rows],
  };
}

function letterOf(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}
