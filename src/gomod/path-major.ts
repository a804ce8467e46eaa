/**
 * The major version suffix of a module path (`/v2`, on gopkg.in `.v2` or `.v2-unstable`), "" where it
 * has none, null where its end looks like one and breaks the rules (`/v1`, `/v0`, `/v1.2`, gopkg.in
 * without one). https://pkg.go.dev/golang.org/x/mod/module#SplitPathVersion
 */
export function pathMajorOf(path: string): string | null {
  return path.startsWith("gopkg.in/") ? gopkgMajorOf(path) : slashMajorOf(path);
}

/**
 * True where a canonical version can be one of a module path: `v2.x.y` of `…/v2`, `v0`, `v1` and `+incompatible` of a
 * path without a suffix. https://pkg.go.dev/golang.org/x/mod/module#CheckPathMajor
 */
export function fitsPathMajor(path: string, version: string): boolean {
  const pathMajor = pathMajorOf(path);
  if (pathMajor === null) return false;
  const major = version.split(".", 1)[0] ?? "";
  if (pathMajor === "") return major === "v0" || major === "v1" || version.endsWith("+incompatible");
  const wanted = pathMajor.replace(/-unstable$/, "").slice(1);
  // Go once gave gopkg.in/x.v1 pseudo-versions of v0.
  return major === wanted || (wanted === "v1" && pathMajor.startsWith(".") && version.startsWith("v0.0.0-"));
}

function slashMajorOf(path: string): string | null {
  let start = path.length;
  while (start > 0 && isDigitOrDot(path.charCodeAt(start - 1))) start--;
  if (start === path.length || start < 2 || path[start - 1] !== "v" || path[start - 2] !== "/") return "";
  const number = path.slice(start);
  return number === "1" || number.startsWith("0") || number.includes(".") ? null : path.slice(start - 2);
}

function gopkgMajorOf(path: string): string | null {
  const match = /\.v(?:0|[1-9][0-9]*|(?:[1-9][0-9]*)?-unstable)$/.exec(path);
  return match === null ? null : path.slice(match.index);
}

function isDigitOrDot(code: number): boolean {
  return code >= 46 && code <= 57 && code !== 47;
}
