/**
 * The directives of a go.mod, each as its words without comments, in order: a line of a block counts as a line that
 * starts with the block's verb. Lines whose quotation does not end are passed over.
 * https://go.dev/ref/mod#go-mod-file-lexical
 */
export function* modLines(text: string): Generator<readonly string[]> {
  let block: string | null = null;
  for (const line of text.split("\n")) {
    const words = wordsOf(line);
    if (words === null || words.length === 0) continue;
    if (block !== null && words[0] === ")") block = null;
    else if (block === null && words.length === 2 && words[1] === "(") block = words[0] ?? null;
    else yield block === null ? words : [block, ...words];
  }
}

/** What a word says without its quotes; null where they are wrong. */
export function unquoteWord(word: string): string | null {
  if (word.startsWith("`")) return word.slice(1, -1);
  if (!word.startsWith('"')) return word;
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
