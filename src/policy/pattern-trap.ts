import { matchPath } from "../gomod/glob.ts";
import { checkImportPath, checkModulePath } from "../gomod/path.ts";
import { hasGlobSign } from "./pattern-index.ts";

/** Why a module pattern cannot mean what its writer wants. */
export interface PatternTrap {
  /** `request`: written for the paths of requests, as a regular expression or a URL. `never`: it fits no module path. */
  readonly kind: "request" | "never";
  /** What is wrong with it. */
  readonly why: string;
  /** What to write instead. */
  readonly want: string;
  /** A request that such a rule breaks where it is read against paths of requests; null for kind never. */
  readonly example: string | null;
}

/**
 * Finds what is wrong with a module pattern; null where it can fit a module path. A pattern is a glob
 * over prefixes of module paths, as in GOPRIVATE (GO-FACTS C.3): it sees neither versions nor files, so
 * one that names `/@v/`, `.info` or a URL would, on any proxy that matches it against requests, cut
 * single files out of allowed modules.
 */
export function patternTrap(pattern: string): PatternTrap | null {
  return requestTrap(pattern) ?? neverTrap(pattern);
}

function requestTrap(pattern: string): PatternTrap | null {
  const want = `want a module path or a glob over one, such as ${suggestionFor(pattern)}`;
  const found = (why: string): PatternTrap => ({ kind: "request", why, want, example: exampleFor(pattern) });
  if (pattern.includes("://") || /^\^?https?\??:/.test(pattern))
    return found("is a URL, and patterns fit module paths");
  if (pattern.includes("@")) return found("names versions or files after @, which no module path has");
  if (looksLikeRegex(pattern)) return found("is a regular expression, and patterns are globs over module paths");
  if (pattern.startsWith("/")) return found("starts with a slash, as the path of a request does");
  if (/^(sumdb|v1|cached-only)(\/|$)/.test(pattern))
    return found("names an endpoint of the protocol, which is no module");
  const elements = pattern.split("/");
  const last = elements.at(-1) ?? "";
  if (/\.(info|mod|zip)$/.test(last) && hasGlobSign(pattern)) {
    return found(`ends in ${/\.[a-z]+$/.exec(last)?.[0]}, the name of a file and not of a module`);
  }
  const isListFile = last === "list" || last === "latest";
  if (isListFile && elements.slice(0, -1).every((element) => /^\*+$/.test(element))) {
    return found(`ends in ${last}, an endpoint of the protocol and no module`);
  }
  return null;
}

function looksLikeRegex(pattern: string): boolean {
  return /^\^|[$(){}|+]|\\[.\\/dwsb]|(^|\/)\.[*+]|\[\^\/\]/.test(pattern);
}

function neverTrap(pattern: string): PatternTrap | null {
  const found = (why: string, want: string): PatternTrap => ({ kind: "never", why, want, example: null });
  const bare = pattern.endsWith("/") ? pattern.slice(0, -1) : pattern;
  if (bare === "") return found("is empty", "want a module path or a glob over one");
  if (/\s/.test(pattern)) {
    return found(
      "has a space, and patterns are not trimmed",
      `want ${JSON.stringify(pattern.trim().split(/\s+/).join(""))}`,
    );
  }
  if (bare.endsWith("...")) {
    const base = bare.replace(/\/?\.\.\.$/, "");
    return found(
      "ends in ..., which is for package patterns",
      `want ${base === "" ? "*" : base}, which covers all below it`,
    );
  }
  if (matchPath(bare, "") === "bad pattern")
    return found("is no glob: a [ or \\ is left open", "want [ with its ], or a plain path");
  const odd = /[^A-Za-z0-9._~/*?[\]\\^!-]/u.exec(bare)?.[0] ?? (/\[/.test(bare) ? undefined : /[!^\]]/.exec(bare)?.[0]);
  if (odd !== undefined) {
    return found(
      `has the character ${JSON.stringify(odd)}, which no module path has`,
      "want one pattern an entry, without signs between them",
    );
  }
  if (hasGlobSign(bare)) return null;
  return literalTrap(bare, found);
}

function literalTrap(path: string, found: (why: string, want: string) => PatternTrap): PatternTrap | null {
  if (path === "none") return null;
  const first = path.split("/")[0] ?? "";
  if (/[A-Z]/.test(first))
    return found("has upper-case letters in the host, which no module path has", `want ${path.toLowerCase()}`);
  if (!first.includes("."))
    return found(
      "starts with an element without a dot, which no module path does",
      "want the host first, such as example.com/name",
    );
  // Not checkModulePath: it judges the major version suffix, and this may be a prefix of a module path.
  const reason = checkImportPath(path);
  return reason === null
    ? null
    : found(`is the start of no module path: it has ${reason}`, "want a module path or a glob over one");
}

const exampleModule = "golang.org/x/mod";
const exampleVersion = "v0.17.0";

function exampleFor(pattern: string): string {
  const module = literalModule(pattern) ?? exampleModule;
  const version = /@v\/(v\d+\.\d+\.\d+)/.exec(pattern)?.[1] ?? exampleVersion;
  if (/sumdb/.test(pattern)) return `GET /sumdb/sum.golang.org/lookup/${exampleModule}@${exampleVersion}`;
  if (/latest/.test(pattern)) return `GET /${module}/@latest`;
  if (/(^|[/|(])list\b/.test(pattern)) return `GET /${module}/@v/list`;
  const file = /\b(zip|mod)\b/.exec(pattern.replace(/^.*@v/, ""))?.[1] ?? "info";
  return `GET /${module}/@v/${version}.${file}`;
}

function suggestionFor(pattern: string): string {
  return literalModule(pattern) ?? "github.com/corp/*";
}

// The module path that the text starts with, where it names one.
function literalModule(pattern: string): string | null {
  const plain = pattern
    .replace(/^\^/, "")
    .replace(/^https?\??:\/\//, "")
    .replaceAll("\\", "")
    .replace(/^\//, "");
  const path = (/^[A-Za-z0-9._~/-]+/.exec(plain)?.[0] ?? "").replace(/(\/\.?|\.)$/, "");
  const isHost = /^[a-z0-9-]+(\.[a-z0-9-]+)+(\/|$)/.test(path);
  return isHost && checkModulePath(path) === null ? path : null;
}
