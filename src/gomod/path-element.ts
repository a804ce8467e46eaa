import { quote } from "./quote.ts";

/** Which rules a path element follows: each kind allows all that the one before it does. */
export type ElementKind = "module" | "import" | "file";

const dot = 46;
const tilde = 126;
const windowsName = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])$/i;
const filePunctuation = new Set("!#$%&()+,-.=@[]^_{}~ ");
const letter = /^\p{L}$/u;

/**
 * What keeps `element` from being one element of a module path, an import path or a file name, null where
 * nothing does. https://pkg.go.dev/golang.org/x/mod/module#CheckImportPath
 */
export function checkElement(element: string, kind: ElementKind): string | null {
  if (element === "") return "an empty path element";
  if (isAllDots(element)) return `the path element ${quote(element)}`;
  if (kind === "module" && element.charCodeAt(0) === dot) return "a leading dot in a path element";
  if (element.charCodeAt(element.length - 1) === dot) return "a trailing dot in a path element";
  const bad = badCharacter(element, kind);
  if (bad !== null) return `the character ${JSON.stringify(bad)}`;
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

function badCharacter(element: string, kind: ElementKind): string | null {
  for (let index = 0; index < element.length; index++) {
    const code = element.charCodeAt(index);
    if (isPathCharacter(code) || (code === 43 && kind !== "module")) continue;
    const character = String.fromCodePoint(element.codePointAt(index) ?? code);
    if (kind !== "file" || !isFileCharacter(character)) return character;
    index += character.length - 1;
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

function isFileCharacter(character: string): boolean {
  return character.charCodeAt(0) < 128 ? filePunctuation.has(character) : letter.test(character);
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
