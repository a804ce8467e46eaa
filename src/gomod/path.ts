import { Problem } from "../kernel/problem.ts";
import { checkElement, type ElementKind } from "./path-element.ts";
import { pathMajorOf } from "./path-major.ts";
import { quote } from "./quote.ts";

/**
 * What keeps `path` from being a module path, in words that follow "it has"; null where it is one.
 * https://pkg.go.dev/golang.org/x/mod/module#CheckPath
 */
export function checkModulePath(path: string): string | null {
  const reason = checkElements(path, "module");
  if (reason !== null) return reason;
  const slash = path.indexOf("/");
  const firstEnd = slash < 0 ? path.length : slash;
  let hasDot = false;
  for (let index = 0; index < firstEnd; index++) {
    const code = path.charCodeAt(index);
    if (code === 46) hasDot = true;
    else if (!(code >= 97 && code <= 122) && !(code >= 48 && code <= 57) && code !== 45) {
      return `the character ${JSON.stringify(path[index])} in the first path element`;
    }
  }
  if (!hasDot) return "no dot in the first path element";
  return pathMajorOf(path) === null ? "a major version suffix that breaks the rules" : null;
}

/**
 * What keeps `path` from being an import path, in words that follow "it has"; null where it is one.
 * https://pkg.go.dev/golang.org/x/mod/module#CheckImportPath
 */
export function checkImportPath(path: string): string | null {
  return checkElements(path, "import");
}

/**
 * The module path with each upper-case letter written as `!` and the lower-case one, as URLs and file
 * trees hold it; INVALID_MODULE_PATH where the path breaks the rules.
 * https://pkg.go.dev/golang.org/x/mod/module#EscapePath
 */
export function escapeModulePath(path: string): string {
  const reason = checkModulePath(path);
  if (reason !== null) throw invalidPath(path, reason);
  return escapeUpperCase(path);
}

/**
 * The module path that an escaped one stands for; INVALID_MODULE_PATH where the escaping or the path
 * breaks the rules. https://pkg.go.dev/golang.org/x/mod/module#UnescapePath
 */
export function unescapeModulePath(escaped: string): string {
  const path = unescapeUpperCase(escaped);
  if (path === null) throw invalidPath(escaped, "an upper-case letter, or a ! without a lower-case letter after it");
  const reason = checkModulePath(path);
  if (reason !== null) throw invalidPath(path, reason);
  return path;
}

/**
 * The version or query with each upper-case letter written as `!` and the lower-case one;
 * INVALID_VERSION where it cannot be a file name, holds a `!` or is not ASCII.
 * https://pkg.go.dev/golang.org/x/mod/module#EscapeVersion
 */
export function escapeVersion(version: string): string {
  const reason = version.includes("!") ? 'the character "!"' : checkVersionName(version);
  if (reason !== null) throw invalidVersion(version, reason);
  return escapeUpperCase(version);
}

/**
 * The version or query that an escaped one stands for; INVALID_VERSION where the escaping breaks the
 * rules or it cannot be a file name. https://pkg.go.dev/golang.org/x/mod/module#UnescapeVersion
 */
export function unescapeVersion(escaped: string): string {
  const version = unescapeUpperCase(escaped);
  if (version === null) {
    throw invalidVersion(escaped, "an upper-case letter, or a ! without a lower-case letter after it");
  }
  const reason = checkVersionName(version);
  if (reason !== null) throw invalidVersion(version, reason);
  return version;
}

function checkElements(path: string, kind: ElementKind): string | null {
  if (path === "") return "nothing at all";
  if (path.charCodeAt(0) === 45) return "a leading dash";
  let start = 0;
  for (;;) {
    const slash = path.indexOf("/", start);
    const reason = checkElement(slash < 0 ? path.slice(start) : path.slice(start, slash), kind);
    if (reason !== null || slash < 0) return reason;
    start = slash + 1;
  }
}

function checkVersionName(version: string): string | null {
  for (let index = 0; index < version.length; index++) {
    if (version.charCodeAt(index) > 127) return "a character outside ASCII";
  }
  return checkElement(version, "file");
}

function escapeUpperCase(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`) : text;
}

// Null where it holds an upper-case letter or a ! that does not stand before a lower-case letter.
function unescapeUpperCase(escaped: string): string | null {
  let text = "";
  let copied = 0;
  for (let index = 0; index < escaped.length; index++) {
    const code = escaped.charCodeAt(index);
    if (code > 127 || (code >= 65 && code <= 90)) return null;
    if (code !== 33) continue;
    const next = escaped.charCodeAt(index + 1);
    if (!(next >= 97 && next <= 122)) return null;
    text += escaped.slice(copied, index) + String.fromCharCode(next - 32);
    index++;
    copied = index + 1;
  }
  return copied === 0 ? escaped : text + escaped.slice(copied);
}

function invalidPath(path: string, reason: string): Problem {
  return new Problem("INVALID_MODULE_PATH", `Cannot read ${quote(path)} as a module path: it has ${reason}`);
}

function invalidVersion(version: string, reason: string): Problem {
  return new Problem("INVALID_VERSION", `Cannot read ${quote(version)} as a version or query: it has ${reason}`);
}
