const tile =
  /^([1-9]|[12][0-9]|30)\/(?:data|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,9}))?$/;

/**
 * True for a tile `HEIGHT/LEVEL/NUMBER[.p/WIDTH]` without the word `tile/` before it, each number written
 * in its one way; `data` is a level too. Levels above 63 and numbers from 10^18, which no tree has, are
 * refused. https://pkg.go.dev/golang.org/x/mod/sumdb/tlog#ParseTilePath
 */
export function isTilePath(path: string): boolean {
  const match = tile.exec(path);
  if (match === null) return false;
  const [, height = "", number = "", width] = match;
  return !number.startsWith("x000") && (width === undefined || Number(width) < 2 ** Number(height));
}
