import { modLines, unquoteWord } from "./mod-lines.ts";

/**
 * The module path that a go.mod declares, null where no line does. Reads `module PATH` and
 * `module ( PATH )`, quoted or not, and passes over all other lines. https://go.dev/ref/mod#go-mod-file-module
 */
export function parseModuleLine(text: string): string | null {
  for (const [verb, path, ...rest] of modLines(text)) {
    if (verb !== "module") continue;
    return path === undefined || rest.length > 0 ? null : unquoteWord(path);
  }
  return null;
}

/**
 * True for a body that may be a go.mod: text without NUL bytes that has a module line. False for an empty
 * one, which `go` would accept (GO-FACTS A.3): a real one, or one made for a module without, has that line.
 */
export function looksLikeModFile(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false;
  const text = new TextDecoder().decode(bytes);
  return !text.trimStart().startsWith("<") && Boolean(parseModuleLine(text));
}
