import { modLines, unquoteWord } from "./mod-lines.ts";
import { compareVersions, isCanonicalVersion } from "./version.ts";

/** Versions from `low` up to and with `high`. */
export interface Retraction {
  readonly low: string;
  readonly high: string;
}

/**
 * What a go.mod retracts: `retract v1.0.0` and `retract [v1.0.0, v1.9.9]`, alone or in a block. Lines that name no
 * canonical version are passed over, as `go` does when it reads somebody else's go.mod.
 * https://go.dev/ref/mod#go-mod-file-retract
 */
export function parseRetractions(text: string): readonly Retraction[] {
  const retractions: Retraction[] = [];
  for (const [verb, ...words] of modLines(text)) {
    if (verb !== "retract") continue;
    const [first, second, third, fourth, fifth] = words;
    if (words.length === 1) add(retractions, first, first);
    else if (words.length === 5 && first === "[" && third === "," && fifth === "]") add(retractions, second, fourth);
  }
  return retractions;
}

/** True where one of them covers the version. */
export function isRetracted(version: string, retractions: readonly Retraction[]): boolean {
  return retractions.some(({ low, high }) => compareVersions(low, version) <= 0 && compareVersions(version, high) <= 0);
}

function add(retractions: Retraction[], lowWord: string | undefined, highWord: string | undefined): void {
  const low = lowWord === undefined ? null : unquoteWord(lowWord);
  const high = highWord === undefined ? null : unquoteWord(highWord);
  if (low !== null && high !== null && isCanonicalVersion(low) && isCanonicalVersion(high))
    retractions.push({ low, high });
}
