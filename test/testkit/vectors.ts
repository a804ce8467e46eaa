import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The rows that test/vectors/gen has made of what Go itself says: an array, of which the caller knows the columns. */
// oxlint-disable-next-line typescript/no-explicit-any
export function goVectors(name: string): any {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../vectors/${name}.json`), "utf8"));
}
