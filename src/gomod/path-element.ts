import { quote } from "./quote.ts";

/** Which rules a path element follows: each kind allows all that the one before it does. */
export type ElementKind = "module" | "import" | "file";

const dot = 46;
const tilde = 126;
const windowsName = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/i;
const filePunctuation = new Set("!#$%&()+,-.=@[]^_{}~ ");
const letter = /^\p{L}$/u;

/**
 * Why `element` cannot be one element of a module path, an import path or a file name, null where it
 * can. https://pkg.go.dev/golang.org/x/mod/module#CheckImportPath
 */
export function checkElement(element: string, kind: ElementKind): string | null {
  if (element === "") return "empty path element";
  if (isAllDots(element)) return `the path element ${quote(element)}`;
  if (kind === "module" && element.charCodeAt(0) === dot) return "leading dot in a path element";
  if (element.charCodeAt(element.length - 1) === dot) return "trailing dot in a path element";
  const bad = kind === "file" ? badFileCharacter(element) : badPathCharacter(element, kind);
  if (bad !== null) return `character ${JSON.stringify(bad)}`;
  const end = element.indexOf(".");
  const stem = end < 0 ? element : element.slice(0, end);
  if ((stem.length === 3 || stem.length === 4) && windowsName.test(stem)) return `the reserved Windows name "${stem}"`;
  if (kind !== "file" && endsLikeShortName(stem)) return "a tilde followed by digits at the end of a path element";
  return null;
}

function isAllDots(element: string): boolean {
  for (let index = 0; index < element.length; index++) {
    if (element.charCodeAt(index) !== dot) return false;
  }
  return true;
}

function badPathCharacter(element: string, kind: ElementKind): string | null {
  for (let index = 0; index < element.length; index++) {
    const code = element.charCodeAt(index);
    if (isPathCharacter(code) || (kind === "import" && code === 43)) continue;
    return String.fromCodePoint(element.codePointAt(index) ?? code);
  }
  return null;
}

// Letters, digits and - . _ ~
function isPathCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 45 && code <= 57 && code !== 47) ||
    (code >= 65 && code <= 90) ||
    code === 95 ||
    code === tilde
  );
}

function badFileCharacter(element: string): string | null {
  for (const character of element) {
    const code = character.charCodeAt(0);
    if (isPathCharacter(code)) continue;
    if (code < 128 ? !filePunctuation.has(character) : !letter.test(character)) return character;
  }
  return null;
}

// Windows gives long names a second, short one such as PROGRA~1, which would open the same file.
function endsLikeShortName(stem: string): boolean {
  const at = stem.lastIndexOf("~");
  if (at < 0 || at === stem.length - 1) return false;
  for (let index = at + 1; index < stem.length; index++) {
    const code = stem.charCodeAt(index);
    if (code < 48 || code > 57) return false;
  }
  return true;
}
