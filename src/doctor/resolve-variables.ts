import type { EnvFile } from "./env-file.ts";
import { cleanPath, defaultBuildCache, defaultGopath, type Environment, userEnvFile } from "./go-paths.ts";
import { type GoVariable, goVariables } from "./go-variables.ts";

/** All that go looks at to find the value of a variable. */
export interface GoSources {
  readonly platform: NodeJS.Platform;
  readonly environment: Environment;
  /** What `go env -w` wrote; null where there is no such file, or GOENV=off. */
  readonly userFile: EnvFile | null;
  /** `$GOROOT/go.env`; null where there is none. */
  readonly gorootFile: EnvFile | null;
  /** What the go binary has built in; "" where that is not known. */
  readonly builtIn: { readonly GOROOT: string; readonly GOOS: string; readonly GOARCH: string };
  /** The go.work that encloses the current folder; "" for none. */
  readonly workFile: string;
}

/** Where a value stands. */
export interface Origin {
  readonly kind: "environment" | "user file" | "goroot file" | "default";
  /** The variable of the environment, the file, or what the default is. */
  readonly text: string;
  /** From 1; null outside files. */
  readonly line: number | null;
}

/** A value and where it stands. */
export interface PlacedValue {
  readonly value: string;
  readonly origin: Origin;
}

/** One variable as go sees it. */
export interface ResolvedVariable extends PlacedValue {
  readonly name: string;
  /** What stands in weaker places, the strongest first; an empty line of a file that masks a weaker one included. */
  readonly shadowed: readonly PlacedValue[];
  /** Lines of files that never have an effect, since go reads the variable from the environment alone. */
  readonly idle: readonly PlacedValue[];
}

/** All variables by name. */
export type ResolvedVariables = ReadonlyMap<string, ResolvedVariable>;

/**
 * The value of every variable as `go env` gives it, with its place and what it shadows (GO-FACTS C.1): the
 * environment where it is not empty; else the last line of the user's file, an empty one too; else the first line of
 * go.env; and the default where that gives nothing.
 */
export function resolveVariables(sources: GoSources): ResolvedVariables {
  const resolved = new Map<string, ResolvedVariable>();
  for (const variable of goVariables) resolved.set(variable.name, resolveOne(variable, sources));
  const valueOf = (name: string): string => resolved.get(name)?.value ?? "";
  // These take theirs from others, so they come last.
  for (const name of ["GONOPROXY", "GONOSUMDB"]) {
    fill(resolved, name, { value: valueOf("GOPRIVATE"), text: "GOPRIVATE" });
  }
  const [first = ""] = valueOf("GOPATH").split(":");
  fill(resolved, "GOMODCACHE", { value: first === "" ? "" : cleanPath(`${first}/pkg/mod`), text: "GOPATH/pkg/mod" });
  dropRelativeGopath(resolved);
  return resolved;
}

/** The folder whose go.env is read: a GOROOT in the user's file goes before the environment's here, and only here. */
export function gorootOfFile(sources: Pick<GoSources, "environment" | "userFile" | "builtIn">): string {
  const given = lastLine(sources.userFile, "GOROOT")?.value || sources.environment["GOROOT"] || "";
  return given === "" ? sources.builtIn.GOROOT : cleanPath(given);
}

function resolveOne(variable: GoVariable, sources: GoSources): ResolvedVariable {
  const { name, scope } = variable;
  const { environment } = sources;
  const fromProcess = [name, ...(variable.aliases ?? [])].flatMap((spelling) => {
    const value = environment[spelling] ?? "";
    return value === "" ? [] : [{ value, origin: { kind: "environment" as const, text: spelling, line: null } }];
  });
  const inUserFile = linesOf(sources.userFile, "user file", name).toReversed();
  const inGorootFile = linesOf(sources.gorootFile, "goroot file", name);
  const isIdle = scope === "process" || name === "GOROOT";
  const idle = scope === "process" ? [...inUserFile, ...inGorootFile] : name === "GOROOT" ? inGorootFile : [];
  const places = [...fromProcess, ...(scope === "process" ? [] : inUserFile), ...(isIdle ? [] : inGorootFile)];
  // An empty line of the user's file ends the search as much as a full one does.
  const [winner] = places;
  if (winner !== undefined && winner.value !== "") {
    const value = adjusted(name, winner, sources);
    return { name, ...winner, value, shadowed: places.slice(1), idle };
  }
  return { name, ...defaultOf(name, sources), shadowed: places, idle };
}

// What go makes of a value that is set.
function adjusted(name: string, { value, origin }: PlacedValue, sources: GoSources): string {
  switch (name) {
    case "GOENV":
      return userEnvFile(sources.environment, sources.platform);
    case "GOROOT":
      return origin.kind === "user file" ? cleanPath(value) : value;
    case "GOCACHE":
      return value.startsWith("/") ? value : "off";
    case "GOWORK":
      return value === "auto" ? sources.workFile : value;
    default:
      return value;
  }
}

function defaultOf(name: string, sources: GoSources): PlacedValue {
  const { environment, platform, builtIn, workFile } = sources;
  const standard = (value: string, text = "default"): PlacedValue => ({
    value,
    origin: { kind: "default", text, line: null },
  });
  switch (name) {
    case "GOAUTH":
      return standard("netrc");
    case "GOENV":
      return standard(userEnvFile(environment, platform));
    case "GOROOT":
      return standard(builtIn.GOROOT, "the go command");
    case "GOOS":
      return standard(builtIn.GOOS, "the go command");
    case "GOARCH":
      return standard(builtIn.GOARCH, "the go command");
    case "GOPATH":
      return standard(defaultGopath(environment, environment["GOROOT"] ?? ""), "$HOME/go");
    case "GOCACHE":
      return standard(defaultBuildCache(environment, platform));
    case "GOWORK":
      return workFile === "" ? standard("") : standard(workFile, "the folders above");
    default:
      return standard("");
  }
}

function fill(
  resolved: Map<string, ResolvedVariable>,
  name: string,
  { value, text }: { readonly value: string; readonly text: string },
): void {
  const found = resolved.get(name);
  if (found === undefined || found.origin.kind !== "default" || value === "") return;
  resolved.set(name, { ...found, value, origin: { kind: "default", text, line: null } });
}

// A home that is no absolute path gives a default GOPATH that go takes back, after GOMODCACHE was made from it.
function dropRelativeGopath(resolved: Map<string, ResolvedVariable>): void {
  const gopath = resolved.get("GOPATH");
  if (gopath === undefined || gopath.origin.kind !== "default" || gopath.value.startsWith("/")) return;
  resolved.set("GOPATH", { ...gopath, value: "" });
}

function linesOf(file: EnvFile | null, kind: "user file" | "goroot file", name: string): PlacedValue[] {
  if (file === null) return [];
  return file.lines
    .filter((entry) => entry.name === name)
    .map(({ value, line }) => ({ value, origin: { kind, text: file.path, line } }));
}

function lastLine(file: EnvFile | null, name: string): { readonly value: string } | null {
  return file?.lines.findLast((entry) => entry.name === name) ?? null;
}
