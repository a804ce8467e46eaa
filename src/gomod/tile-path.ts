/** What the path of a tile names. */
export interface TileName {
  /** Full tiles of this height have 2^height hashes, or records. */
  readonly height: number;
  /** `data`: the records themselves. */
  readonly level: number | "data";
  readonly number: number;
  /** Fewer than full where the path has `.p/WIDTH`. */
  readonly width: number;
}

const tile =
  /^([1-9]|[12][0-9]|30)\/(data|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,9}))?$/;

/**
 * Reads a tile `HEIGHT/LEVEL/NUMBER[.p/WIDTH]` without the word `tile/` before it, each number written
 * in its one way; `data` is a level too. Null for anything else, for levels above 63 and for numbers from 10^18, which
 * no tree has. https://pkg.go.dev/golang.org/x/mod/sumdb/tlog#ParseTilePath
 */
export function parseTilePath(path: string): TileName | null {
  const match = tile.exec(path);
  if (match === null) return null;
  const [, heightText = "", level = "", number = "", widthText] = match;
  const height = Number(heightText);
  const width = widthText === undefined ? 2 ** height : Number(widthText);
  if (number.startsWith("x000") || (widthText !== undefined && width >= 2 ** height)) return null;
  return {
    height,
    level: level === "data" ? level : Number(level),
    number: Number(number.replaceAll(/[x/]/g, "")),
    width,
  };
}

/** True for what parseTilePath() reads. */
export function isTilePath(path: string): boolean {
  return parseTilePath(path) !== null;
}
