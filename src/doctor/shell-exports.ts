import type { Environment } from "./go-paths.ts";

/** How a start-up file is written. */
export type Dialect = "sh" | "fish" | "fish variables" | "pairs";

/** A line of a start-up file that puts a variable into the environment. */
export interface ShellExport {
  readonly name: string;
  /** Without its quotes, variables in it replaced by the environment's; null where a command makes it. */
  readonly value: string | null;
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** True where the line does nothing else, so that it can be removed. */
  readonly isAlone: boolean;
}

/** A start-up file with its text. */
export interface StartupFile {
  readonly path: string;
  readonly dialect: Dialect;
  readonly text: string;
}

/**
 * The lines that put one of these variables into the environment, in the order of the files. Read and never run: what
 * stands in functions and conditions counts as much as the rest, so a line found here may be one that is not reached.
 */
export function shellExports(
  files: readonly StartupFile[],
  names: ReadonlySet<string>,
  environment: Environment,
): ShellExport[] {
  return files.flatMap((file) => exportsOf(file, names, environment));
}

/** The export that gives the variable this value, the last one where several do; else the last that sets it at all. */
export function exportOf(exports: readonly ShellExport[], name: string, value: string): ShellExport | null {
  const named = exports.filter((one) => one.name === name);
  return named.findLast((one) => one.value === value) ?? named.at(-1) ?? null;
}

function exportsOf({ path, dialect, text }: StartupFile, names: ReadonlySet<string>, environment: Environment) {
  const found: ShellExport[] = [];
  // `GOPROXY=…` on one line and `export GOPROXY` on a later one.
  const assigned = new Map<string, ShellExport>();
  for (const [index, row] of text.split("\n").entries()) {
    const all = dialect === "pairs" ? pairLine(row) : commandsOf(row).flatMap((words) => readers[dialect](words));
    for (const { name, raw, isExported } of all) {
      if (!names.has(name)) continue;
      const isAlone = all.length === 1 && !/[;&|]\s|^\s*(then|else|do)\b/.test(row);
      const one = { name, path, line: index + 1, isAlone, value: raw === null ? null : plain(raw, environment) };
      if (!isExported) assigned.set(name, one);
      else found.push(raw === null ? (assigned.get(name) ?? one) : one);
    }
  }
  return found;
}

interface Assignment {
  readonly name: string;
  /** As it is written, quotes included; null where the line only exports the name. */
  readonly raw: string | null;
  readonly isExported: boolean;
}

const readers: Readonly<Record<Exclude<Dialect, "pairs">, (words: readonly string[]) => Assignment[]>> = {
  sh: shAssignments,
  fish: fishAssignments,
  "fish variables"([command, flag, pair = ""]) {
    const [name = "", ...rest] = pair.split(":");
    return command === "SETUVAR" && flag === "--export" ? [{ name, raw: rest.join(":"), isExported: true }] : [];
  },
};

function shAssignments([command = "", ...rest]: readonly string[]): Assignment[] {
  const isExport = command === "export" || (/^(declare|typeset)$/.test(command) && /^-\w*x/.test(rest[0] ?? ""));
  if (command === "setenv" && rest[0] !== undefined) return [{ name: rest[0], raw: rest[1] ?? "", isExported: true }];
  if (isExport) {
    return rest
      .filter((word) => !word.startsWith("-"))
      .flatMap((word) => (word.includes("=") ? pairOf(word, true) : [{ name: word, raw: null, isExported: true }]));
  }
  // `A=1 command` sets it for that command alone.
  const words = [command, ...rest];
  return words.every((word) => /^[A-Za-z_]\w*=/.test(word)) ? words.flatMap((word) => pairOf(word, false)) : [];
}

function fishAssignments([command, ...rest]: readonly string[]): Assignment[] {
  if (command === "export") return rest.flatMap((word) => pairOf(word, true));
  if (command !== "set") return [];
  const flags = rest.filter((word) => word.startsWith("-"));
  const [name, ...values] = rest.filter((word) => !word.startsWith("-"));
  const isExported = flags.some((flag) => flag === "--export" || /^-\w*x/.test(flag));
  return name === undefined || !isExported ? [] : [{ name, raw: values.join(" "), isExported }];
}

// A line of /etc/environment: no shell reads it, so `|` and `;` are letters like others.
function pairLine(row: string): Assignment[] {
  const text = row.trim().replace(/^export\s+/, "");
  return text.startsWith("#") ? [] : pairOf(text, true);
}

function pairOf(word: string, isExported: boolean): Assignment[] {
  const equals = word.indexOf("=");
  return equals <= 0 ? [] : [{ name: word.slice(0, equals), raw: word.slice(equals + 1), isExported }];
}

// The commands of a line, each as its words: quotes hold words together, a # begins a comment.
function commandsOf(row: string): string[][] {
  const pattern = /(?:\$\([^)]*\)|`[^`]*`|[^\s"'\\#;&|]|\\.|"(?:[^"\\]|\\.)*"|'[^']*'|(?<=[^\s;&|])#)+|[#;&|]/g;
  const commands: string[][] = [[]];
  for (const [word] of row.matchAll(pattern)) {
    if (word === "#") break;
    const last = commands.at(-1) ?? [];
    if (/^[;&|]$/.test(word)) commands.push([]);
    else if (last.length > 0 || !/^(then|else|do|\{|command|builtin)$/.test(word)) last.push(word);
  }
  return commands.filter((words) => words.length > 0);
}

// The value of a word, where it can be told without running anything.
function plain(raw: string, environment: Environment): string | null {
  if (/\$\(|`/.test(raw)) return null;
  const parts = raw.match(/"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^"'\\]+/g) ?? [];
  return parts
    .map((part, index) => {
      if (part.startsWith("'")) return part.slice(1, -1);
      if (part.startsWith('"')) return expand(part.slice(1, -1).replace(/\\(["\\$`])/g, "$1"), environment);
      if (part.startsWith("\\")) return part.slice(1);
      return expand(index === 0 ? part.replace(/^~(?=\/|$)/, environment["HOME"] ?? "~") : part, environment);
    })
    .join("");
}

function expand(text: string, environment: Environment): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    return environment[braced ?? bare ?? ""] ?? "";
  });
}
