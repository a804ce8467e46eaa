import { maskVariable } from "./mask-variable.ts";
import type { Netrc } from "./netrc.ts";
import type { ReadSources } from "./read-go-sources.ts";
import type { Origin, PlacedValue, ResolvedVariable, ResolvedVariables } from "./resolve-variables.ts";
import { exportOf, type ShellExport } from "./shell-exports.ts";

/** What the findings about settings are drawn from. */
export interface Diagnosis {
  readonly sources: ReadSources;
  readonly variables: ResolvedVariables;
  readonly exports: readonly ShellExport[];
  readonly netrc: Netrc | null;
}

/** The variable; every name of the table of variables is there. */
export function variableOf({ variables }: Pick<Diagnosis, "variables">, name: string): ResolvedVariable {
  const found = variables.get(name);
  if (found === undefined) throw new Error(`${name} is not in the table of variables`);
  return found;
}

/** The start-up line that gives the environment's value of a variable; null where none is found. */
export function exportFor(diagnosis: Diagnosis, { value, origin }: PlacedValue): ShellExport | null {
  if (origin.kind !== "environment") return null;
  return exportOf(diagnosis.exports, origin.text, value);
}

/** Where a value stands, for people: `GOPROXY (environment, exported by ~/.bashrc:12)`. */
export function placeOf(diagnosis: Diagnosis, name: string, placed: PlacedValue): string {
  return `${name} (${originText(diagnosis, placed)})`;
}

/** The same without the name. */
export function originText(diagnosis: Diagnosis, placed: PlacedValue): string {
  const { origin } = placed;
  switch (origin.kind) {
    case "environment": {
      const line = exportFor(diagnosis, placed);
      if (line === null) return "environment";
      const at = `${shortPath(diagnosis, line.path)}:${line.line}`;
      return line.value === placed.value
        ? `environment, exported by ${at}`
        : `environment; ${at} exports another value`;
    }
    case "user file":
    case "goroot file":
      return `${shortPath(diagnosis, origin.text)}:${origin.line}`;
    case "default":
      return origin.text === "default" ? "default" : `default, from ${origin.text}`;
  }
}

/** A path as people write it: `~` for the home. */
export function shortPath({ sources }: Pick<Diagnosis, "sources">, path: string): string {
  const home = sources.environment["HOME"] ?? "";
  return home.length > 1 && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** The command that gives a variable another value, where it is set now. The value must have no secrets. */
export function commandToSet(diagnosis: Diagnosis, { origin }: { readonly origin: Origin }, pair: string): string {
  const isFileRead = diagnosis.sources.environment["GOENV"] !== "off";
  const word = shellWord(pair);
  return origin.kind === "environment" || !isFileRead ? `export ${word}` : `go env -w ${word}`;
}

/** The command that takes a value away from where it stands now. */
export function commandToUnset(diagnosis: Diagnosis, name: string, placed: PlacedValue): string {
  if (placed.origin.kind !== "environment") return `go env -u ${name}`;
  const spelling = placed.origin.text;
  const line = exportFor(diagnosis, placed);
  const isFish = /(^|\/)fish$/.test(diagnosis.sources.environment["SHELL"] ?? "");
  const unset = isFish ? `set -e ${spelling}` : `unset ${spelling}`;
  if (line === null || line.value !== placed.value) return unset;
  if (line.path.endsWith("/fish_variables")) return `set -eU ${spelling}`;
  if (!line.isAlone) return `${unset} # and take it out of ${shortPath(diagnosis, line.path)}:${line.line}`;
  return `sed -i.bak ${line.line}d ${shellWord(shortPath(diagnosis, line.path))} && ${unset}`;
}

/** A value without its secrets, in quotes where its ends could not be seen. */
export function shownValue(name: string, value: string): string {
  const masked = maskVariable(name, value);
  return masked === "" || /^\s|\s$|[\u0000-\u001f]/.test(masked) ? JSON.stringify(masked) : masked;
}

/** A word for a POSIX shell, quoted where it has to be. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
