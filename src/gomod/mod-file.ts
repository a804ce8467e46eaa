/**
 * The module path that a go.mod declares, null where no line does. Reads `module PATH` and
 * `module ( PATH )`, quoted or not, and passes over all other lines. https://go.dev/ref/mod#go-mod-file-module
 */
export function parseModuleLine(text: string): string | null {
  let block: string | null = null;
  for (const line of text.split("\n")) {
    const words = wordsOf(line);
    if (words === null || words.length === 0) continue;
    if (block !== null && words[0] === ")") block = null;
    else if (block === null && words.length === 2 && words[1] === "(") block = words[0] ?? null;
    else if (block === "module") return onlyPath(words);
    else if (block === null && words[0] === "module") return onlyPath(words.slice(1));
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

function onlyPath(words: readonly string[]): string | null {
  const [word, ...rest] = words;
  if (word === undefined || rest.length > 0) return null;
  return word.startsWith('"') || word.startsWith("`") ? unquote(word) : word;
}

function unquote(word: string): string | null {
  if (word.startsWith("`")) return word.slice(1, -1);
  try {
    const value: unknown = JSON.parse(word);
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}

// The words of a line without its comment; null where a quotation does not end.
function wordsOf(line: string): string[] | null {
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    const character = line[at] ?? "";
    if (/\s/.test(character)) at++;
    else if (line.startsWith("//", at)) return words;
    else {
      const end = wordEnd(line, at);
      if (end < 0) return null;
      words.push(line.slice(at, end));
      at = end;
    }
  }
  return words;
}

function wordEnd(line: string, start: number): number {
  const first = line[start] ?? "";
  if ("()[]{},".includes(first)) return start + 1;
  if (first === "`") return line.indexOf("`", start + 1) + 1 || -1;
  let at = start + 1;
  if (first === '"') {
    while (at < line.length && line[at] !== '"') at += line[at] === "\\" ? 2 : 1;
    return at < line.length ? at + 1 : -1;
  }
  while (at < line.length && !/[\s()[\]{},]/.test(line[at] ?? "") && !line.startsWith("//", at)) at++;
  return at;
}
