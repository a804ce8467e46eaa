import { matchPath } from "./glob.ts";

/**
 * True where one of the patterns fits `modulePath` or a prefix of it that ends at a slash, as GOPRIVATE
 * has it. Each pattern is one glob, without commas; empty and malformed ones fit nothing; a slash at
 * the end of one does not count. https://pkg.go.dev/golang.org/x/mod/module#MatchPrefixPatterns
 */
export function matchPrefixPatterns(patterns: readonly string[], modulePath: string): boolean {
  return firstMatch(patterns, modulePath) !== null;
}

/** The first of the patterns that fits, as it was written; null where none does. */
export function firstMatch(patterns: readonly string[], modulePath: string): string | null {
  for (const pattern of patterns) {
    if (fitsPrefix(pattern.endsWith("/") ? pattern.slice(0, -1) : pattern, modulePath)) return pattern;
  }
  return null;
}

function fitsPrefix(glob: string, path: string): boolean {
  if (glob === "") return false;
  // Most patterns are plain paths: no need to read those as globs.
  if (!/[*?[\\]/.test(glob)) return path.startsWith(glob) && (path.length === glob.length || path[glob.length] === "/");
  const prefix = prefixOf(path, glob.split("/").length);
  return prefix !== null && matchPath(glob, prefix) === true;
}

// The first `count` elements of a path, null where it has fewer.
function prefixOf(path: string, count: number): string | null {
  let end = -1;
  for (let element = 0; element < count; element++) {
    if (element > 0 && end === path.length) return null;
    const slash = path.indexOf("/", end + 1);
    end = slash < 0 ? path.length : slash;
  }
  return path.slice(0, end);
}
