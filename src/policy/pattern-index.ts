import { matchPath } from "../gomod/glob.ts";

interface Glob {
  readonly glob: string;
  readonly elements: number;
  readonly index: number;
  /** Text before the first glob sign and after the last one: a name without them cannot fit, which is cheap to see. */
  readonly head: string;
  readonly tail: string;
}

/** The lowest index of a pattern that fits the module path; -1 where none does. */
export type PatternIndex = (modulePath: string) => number;

/**
 * Compiles patterns to one look-up that answers as trying each of them in order would, by the rules of
 * MatchPrefixPatterns of golang.org/x/mod/module (GO-FACTS C.3). Plain elements at the start of
 * patterns cost a map look-up for each element of the path, whatever their number. A pattern that is no
 * glob fits nothing.
 */
export function indexPatterns(patterns: readonly string[]): PatternIndex {
  const literals = new Map<string, number>();
  // By the plain elements that a glob starts with; "" where the first one is a glob already.
  const byStart = new Map<string, Glob[]>();
  for (const [index, pattern] of patterns.entries()) {
    const glob = pattern.endsWith("/") ? pattern.slice(0, -1) : pattern;
    if (glob === "") continue;
    if (!hasGlobSign(glob)) {
      if (!literals.has(glob)) literals.set(glob, index);
      continue;
    }
    const elements = glob.split("/");
    const start = elements.slice(0, elements.findIndex(hasGlobSign)).join("/");
    const entry = { glob, elements: elements.length, index, ...literalEnds(glob) };
    const others = byStart.get(start);
    if (others === undefined) byStart.set(start, [entry]);
    else others.push(entry);
  }

  return (modulePath) => {
    const prefixes = prefixesOf(modulePath);
    let best = Number.POSITIVE_INFINITY;
    for (const prefix of prefixes) {
      best = Math.min(best, literals.get(prefix) ?? best);
      best = firstGlob(byStart.get(prefix), prefixes, best);
    }
    best = firstGlob(byStart.get(""), prefixes, best);
    return best === Number.POSITIVE_INFINITY ? -1 : best;
  };
}

/** True where the text has a sign that path.Match reads as more than itself. */
export function hasGlobSign(text: string): boolean {
  return /[*?[\\]/.test(text);
}

function prefixesOf(path: string): string[] {
  const prefixes: string[] = [];
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    prefixes.push(path.slice(0, slash));
  }
  prefixes.push(path);
  return prefixes;
}

function literalEnds(glob: string): { head: string; tail: string } {
  const head = /^[^*?[\\]*/.exec(glob)?.[0] ?? "";
  // After a class or an escape the end of the glob need not stand for itself.
  const tail = /[[\\]/.test(glob) ? "" : (/[^*?]*$/.exec(glob)?.[0] ?? "");
  return { head, tail };
}

function firstGlob(globs: readonly Glob[] | undefined, prefixes: readonly string[], best: number): number {
  for (const { glob, elements, index, head, tail } of globs ?? []) {
    if (index >= best) return best;
    const prefix = prefixes[elements - 1];
    if (prefix === undefined || !prefix.startsWith(head) || !prefix.endsWith(tail)) continue;
    if (matchPath(glob, prefix) === true) return index;
  }
  return best;
}
