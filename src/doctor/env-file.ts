import { maskBrokenUrls } from "../config/mask.ts";

/** A line of a go env file that go reads as NAME=VALUE. */
export interface EnvLine {
  readonly name: string;
  /** All that stands behind the `=`, untrimmed and unquoted, as go takes it. */
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

/** A line that go passes over without a word, although it sets something in a reader's eyes. */
export interface SkippedLine {
  readonly text: string;
  readonly line: number;
}

/** What go reads in `go env GOENV` or in `$GOROOT/go.env`. */
export interface EnvFile {
  readonly path: string;
  readonly lines: readonly EnvLine[];
  readonly skipped: readonly SkippedLine[];
}

/**
 * Reads a go env file as go does: a line counts where it starts with A to Z and has a `=`; the name is all before
 * the first `=`, the value all after it up to the newline, blanks, quotes and `\r` included (GO-FACTS C.1, readEnvFile
 * of cmd/go/internal/cfg). Comments and blank lines are in neither list.
 */
export function parseEnvFile(path: string, text: string): EnvFile {
  const lines: EnvLine[] = [];
  const skipped: SkippedLine[] = [];
  for (const [index, row] of text.split("\n").entries()) {
    const equals = row.indexOf("=");
    if (equals >= 0 && /^[A-Z]/.test(row)) {
      lines.push({ name: row.slice(0, equals), value: row.slice(equals + 1), line: index + 1 });
    } else if (looksSet(row)) {
      skipped.push({ text: maskBrokenUrls(row.trim()), line: index + 1 });
    }
  }
  return { path, lines, skipped };
}

// Not a comment and not blank, such as `export GOPROXY=…` and ` GOPROXY=…`.
function looksSet(row: string): boolean {
  const text = row.trim();
  return text !== "" && !text.startsWith("#");
}
