import type { Paint, Style } from "./colour.ts";
import { clipText, oneLine, textWidth } from "./text-width.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Its style for one cell; none where left out. */
  readonly style?: (cell: string) => Style | null;
}

/** What the place allows that a text is printed to. */
export interface View {
  readonly paint: Paint;
  /** Columns of the terminal; null where it goes into a pipe or file, and then nothing is cut. */
  readonly width: number | null;
}

const gap = "  ";
const narrowest = 8;

/**
 * The lines of a table, its titles first: columns aligned, two spaces apart, no trailing spaces. On a terminal the
 * widest columns are cut until a line fits.
 */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], view: View): string[] {
  const cells = rows.map((row) => columns.map((_, index) => oneLine(row[index] ?? "")));
  const wanted = columns.map((column, index) =>
    cells.reduce((widest, row) => Math.max(widest, textWidth(row[index] ?? "")), textWidth(column.title)),
  );
  const widths = view.width === null ? wanted : fit(wanted, view.width - gap.length * (columns.length - 1));
  const lineOf = (texts: readonly string[], styleOf: (column: Column, text: string) => Style | null): string => {
    const padded = columns.map((column, index) => {
      const clipped = clipText(texts[index] ?? "", widths[index] ?? 0);
      const padding = " ".repeat(Math.max(0, (widths[index] ?? 0) - textWidth(clipped)));
      const style = styleOf(column, texts[index] ?? "");
      const painted = style === null || clipped === "" ? clipped : view.paint(style, clipped);
      if (column.align === "right") return padding + painted;
      return index === columns.length - 1 ? painted : painted + padding;
    });
    return padded.join(gap).trimEnd();
  };
  const titles = columns.map((column) => column.title);
  return [
    lineOf(titles, () => "bold"),
    ...cells.map((row) => lineOf(row, (column, text) => column.style?.(text) ?? null)),
  ];
}

/** The table as one text with a newline at its end. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], view: View): string {
  return `${tableLines(columns, rows, view).join("\n")}\n`;
}

// Takes from the widest column until all fit, so that short ones stay whole.
function fit(wanted: readonly number[], room: number): number[] {
  const widths = [...wanted];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) break;
    const next = Math.max(narrowest, ...widths.filter((width) => width < widest));
    const equals = widths.filter((width) => width === widest).length;
    const cut = Math.max(1, Math.min(widest - next, Math.ceil(excess / equals)));
    for (const [index, width] of widths.entries()) {
      if (width !== widest || excess <= 0) continue;
      widths[index] = width - Math.min(cut, excess);
      excess -= Math.min(cut, excess);
    }
  }
  return widths;
}
