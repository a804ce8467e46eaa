type Token =
  | { readonly kind: "literal"; readonly character: string }
  | { readonly kind: "any" }
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] };

/** The tokens between two stars. */
type Chunk = readonly Token[];

/**
 * Whether `pattern` fits the whole of `name`, as Go's path.Match has it: `*` and `?` stop at a slash,
 * `[a-z]` and `[^a-z]` do not, a backslash takes away the meaning of what follows. "bad pattern" where
 * the pattern is malformed, whatever the name. https://pkg.go.dev/path#Match
 */
export function matchPath(pattern: string, name: string): boolean | "bad pattern" {
  const chunks = chunksOf(Array.from(pattern));
  if (chunks === null) return "bad pattern";
  return matchChunks(chunks, Array.from(name));
}

function matchChunks(chunks: readonly Chunk[], name: readonly string[]): boolean {
  const [first = [], ...rest] = chunks;
  if (!fitsAt(first, name, 0)) return false;
  let at = first.length;
  for (const [index, chunk] of rest.entries()) {
    const next = findAfterStar(chunk, name, { from: at, mustEnd: index === rest.length - 1 });
    if (next < 0) return false;
    at = next;
  }
  return at === name.length;
}

// Where the name goes on after the leftmost fit of the chunk, -1 where there is none. Like path.Match,
// it never comes back to try a later one.
function findAfterStar(chunk: Chunk, name: readonly string[], place: { from: number; mustEnd: boolean }): number {
  for (let at = place.from; at + chunk.length <= name.length; at++) {
    const end = at + chunk.length;
    if ((!place.mustEnd || end === name.length) && fitsAt(chunk, name, at)) return end;
    if (name[at] === "/") return -1;
  }
  return -1;
}

function fitsAt(chunk: Chunk, name: readonly string[], at: number): boolean {
  return chunk.every((token, index) => {
    const character = name[at + index];
    return character !== undefined && fits(token, character);
  });
}

function fits(token: Token, character: string): boolean {
  if (token.kind === "literal") return token.character === character;
  if (token.kind === "any") return character !== "/";
  const code = character.codePointAt(0) ?? 0;
  return token.ranges.some(([low, high]) => low <= code && code <= high) !== token.negated;
}

// The pattern cut at its stars, one chunk more than there are stars; null where malformed.
function chunksOf(pattern: readonly string[]): Chunk[] | null {
  const chunks: Token[][] = [[]];
  let at = 0;
  while (at < pattern.length) {
    const character = pattern[at++] ?? "";
    if (character === "*") {
      chunks.push([]);
    } else if (character === "[") {
      const found = classAt(pattern, at);
      if (found === null) return null;
      chunks.at(-1)?.push(found.token);
      at = found.next;
    } else if (character === "?") {
      chunks.at(-1)?.push({ kind: "any" });
    } else {
      const literal = character === "\\" ? pattern[at++] : character;
      if (literal === undefined) return null;
      chunks.at(-1)?.push({ kind: "literal", character: literal });
    }
  }
  return chunks;
}

function classAt(pattern: readonly string[], start: number): { token: Token; next: number } | null {
  const negated = pattern[start] === "^";
  let at = negated ? start + 1 : start;
  const ranges: [number, number][] = [];
  while (pattern[at] !== "]" || ranges.length === 0) {
    const low = boundAt(pattern, at);
    if (low === null) return null;
    const high = pattern[low.next] === "-" ? boundAt(pattern, low.next + 1) : low;
    if (high === null) return null;
    ranges.push([low.code, high.code]);
    at = high.next;
  }
  return { token: { kind: "class", negated, ranges }, next: at + 1 };
}

// One end of a range; null where the class ends here, or the pattern does right after it.
function boundAt(pattern: readonly string[], at: number): { code: number; next: number } | null {
  const character = pattern[at];
  if (character === undefined || character === "-" || character === "]") return null;
  const taken = character === "\\" ? pattern[at + 1] : character;
  const next = character === "\\" ? at + 2 : at + 1;
  const code = taken?.codePointAt(0);
  return code === undefined || next >= pattern.length ? null : { code, next };
}
