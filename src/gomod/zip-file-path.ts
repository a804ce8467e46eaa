const notAllowed = /[^\p{L}0-9!#$%&()+,\-.=@[\]^_{}~ ]/u;
const ascii = /^[\x20-\x7e]*$/;
// An element that is empty, ends in a dot, or has a name of a device before its first dot.
const suspicious = /(?:^|\/)(?:$|\/|[^/]*\.(?:$|\/)|(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:$|[./]))/i;
const allAllowed = /^[\p{L}0-9!#$%&()+,\-.=@[\]^_{}~ /]+$/u;
const badOnWindows = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/i;

/**
 * Why a path within a module zip is malformed; null where it is fine. CheckFilePath of
 * https://pkg.go.dev/golang.org/x/mod/module: relative, clean, letters, digits and some punctuation.
 */
export function checkFilePath(path: string): string | null {
  return allAllowed.test(path) && !suspicious.test(path) ? null : faultOf(path);
}

function faultOf(path: string): string | null {
  if (path === "") return "empty string";
  for (const element of path.split("/")) {
    if (element === "") return "empty path element";
    if (/^\.+$/.test(element)) return `invalid path element ${JSON.stringify(element)}`;
    if (element.endsWith(".")) return "trailing dot in path element";
    const bad = notAllowed.exec(element);
    if (bad) return `invalid char ${JSON.stringify(bad[0])}`;
    const short = element.split(".", 1)[0] ?? "";
    if (badOnWindows.test(short)) return `${JSON.stringify(short)} disallowed as path element component on Windows`;
  }
  return null;
}

/**
 * The same text for all paths that differ in case alone, as Unicode's simple folding has it.
 * https://cs.opensource.google/go/x/mod/+/master:zip/zip.go (strToFold)
 */
export function foldFilePath(path: string): string {
  if (ascii.test(path)) return path.toLowerCase();
  let folded = "";
  for (const char of path) folded += foldChar(char);
  return folded;
}

function foldChar(char: string): string {
  // Simple folding knows no pair for the dotless i; toUpperCase() would make it an i.
  if (char === "ı") return char;
  const upper = char.toUpperCase();
  const lower = (isOneChar(upper) ? upper : char).toLowerCase();
  return isOneChar(lower) ? lower : char;
}

function isOneChar(text: string): boolean {
  return String.fromCodePoint(text.codePointAt(0) ?? 0) === text;
}

/** Finds paths of one zip that collide: on a file system without case, or as file and directory. */
export class FilePathCollisions {
  readonly #seen = new Map<string, { readonly path: string; readonly isDirectory: boolean }>();

  /** Why `path` collides with one given before; null where it does not. */
  check(path: string, isDirectory: boolean): string | null {
    const fold = foldFilePath(path);
    const other = this.#seen.get(fold);
    if (other) {
      const pair = `${JSON.stringify(other.path)} and ${JSON.stringify(path)}`;
      if (other.path !== path) return `case-insensitive file name collision: ${pair}`;
      if (other.isDirectory !== isDirectory) return `entry ${JSON.stringify(path)} is both a file and a directory`;
      if (!isDirectory) return `multiple entries for file ${JSON.stringify(path)}`;
      return null;
    }
    this.#seen.set(fold, { path, isDirectory });
    const slash = path.lastIndexOf("/");
    return slash < 0 ? null : this.check(path.slice(0, slash), true);
  }
}
