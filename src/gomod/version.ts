/** A semantic version in Go's reading, each part as it was written. */
export interface ParsedVersion {
  readonly major: string;
  /** "0" where left out. */
  readonly minor: string;
  /** "0" where left out. */
  readonly patch: string;
  /** With its leading `-`; "" where there is none. */
  readonly prerelease: string;
  /** With its leading `+`; "" where there is none. */
  readonly build: string;
  /** What a shorthand such as `v1` or `v1.2` left out: ".0.0", ".0" or "". */
  readonly short: string;
}

const number = "(0|[1-9][0-9]*)";
const prereleasePart = "(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)";
const buildPart = "[0-9A-Za-z-]+";
const prereleaseForm = `-${prereleasePart}(?:\\.${prereleasePart})*`;
const buildForm = `\\+${buildPart}(?:\\.${buildPart})*`;
const semver = new RegExp(`^v${number}(?:\\.${number}(?:\\.${number}(${prereleaseForm})?(${buildForm})?)?)?$`);
const canonical = new RegExp(`^v${number}\\.${number}\\.${number}(?:${prereleaseForm})?(?:\\+incompatible)?$`);
const pseudo = /^v[0-9]+\.(?:0\.0-|[0-9]+\.[0-9]+-(?:[^+]*\.)?0\.)([0-9]{14})-[A-Za-z0-9]+(?:\+|$)/;

/**
 * The parts of a version, null where Go's semver calls it invalid. `v1` and `v1.2` are valid
 * shorthands. https://pkg.go.dev/golang.org/x/mod/semver
 */
export function parseVersion(version: string): ParsedVersion | null {
  const match = semver.exec(version);
  if (match === null) return null;
  const [, major = "0", minor, patch, prerelease = "", build = ""] = match;
  const short = minor === undefined ? ".0.0" : patch === undefined ? ".0" : "";
  return { major, minor: minor ?? "0", patch: patch ?? "0", prerelease, build, short };
}

/**
 * True for `vX.Y.Z[-pre][+incompatible]`: the versions that have files of their own.
 * https://pkg.go.dev/golang.org/x/mod/module#CanonicalVersion
 */
export function isCanonicalVersion(version: string): boolean {
  return canonical.test(version);
}

/**
 * Below 0, 0 or above 0 in the order of Go's semver: build metadata does not count, and what is no
 * version is lower than every version and equal to all else that is none.
 * https://pkg.go.dev/golang.org/x/mod/semver#Compare
 */
export function compareVersions(a: string, b: string): number {
  const left = parseVersion(a);
  const right = parseVersion(b);
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  return (
    compareNumbers(left.major, right.major) ||
    compareNumbers(left.minor, right.minor) ||
    compareNumbers(left.patch, right.patch) ||
    comparePrereleases(left.prerelease, right.prerelease)
  );
}

/**
 * True for a version made of a time and a commit, such as `v0.0.0-20240101000000-abcdefabcdef`.
 * https://pkg.go.dev/golang.org/x/mod/module#IsPseudoVersion
 */
export function isPseudoVersion(version: string): boolean {
  return pseudo.test(version) && parseVersion(version) !== null;
}

/**
 * The time in a pseudo-version in milliseconds since 1970, null where it is none or holds no such
 * time. https://pkg.go.dev/golang.org/x/mod/module#PseudoVersionTime
 */
export function pseudoVersionTime(version: string): number | null {
  if (!isPseudoVersion(version)) return null;
  const stamp = pseudoStampOf(version);
  const iso = stamp.replace(/^(....)(..)(..)(..)(..)(..)$/, "$1-$2-$3T$4:$5:$6.000Z");
  const time = new Date(iso);
  // A date such as 30 February is read as 1 March: it comes back as another text.
  return Number.isNaN(time.getTime()) || time.toISOString() !== iso ? null : time.getTime();
}

/** The major version such as `v2`, "" where `version` is no version. */
export function majorOf(version: string): string {
  const parsed = parseVersion(version);
  return parsed === null ? "" : `v${parsed.major}`;
}

/**
 * What `go` takes for @latest: the highest release, else the highest pre-release, else the newest
 * pseudo-version; null where none is canonical. `+incompatible` versions count only where there is no
 * compatible release or pre-release, as for modules that have a go.mod. https://go.dev/ref/mod#version-queries
 */
export function latestOf(versions: readonly string[]): string | null {
  let best: string | null = null;
  for (const version of versions) {
    if (isCanonicalVersion(version) && (best === null || isPreferred(version, best))) best = version;
  }
  return best;
}

function isPreferred(version: string, best: string): boolean {
  const rank = rankOf(version) - rankOf(best);
  if (rank !== 0) return rank > 0;
  const age = (pseudoVersionTime(version) ?? 0) - (pseudoVersionTime(best) ?? 0);
  return age > 0 || (age === 0 && compareVersions(version, best) > 0);
}

function rankOf(version: string): number {
  if (isPseudoVersion(version)) return 0;
  const isRelease = !version.includes("-");
  return (version.endsWith("+incompatible") ? 1 : 3) + (isRelease ? 1 : 0);
}

// The stamp stands between the last two dashes before the build part.
function pseudoStampOf(version: string): string {
  return pseudo.exec(version)?.[1] ?? "";
}

// Numbers of any length, without leading zeros.
function compareNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "" || b === "") return a === "" ? 1 : -1;
  const left = a.slice(1).split(".");
  const right = b.slice(1).split(".");
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareIdentifiers(part, other);
    if (order !== 0) return order;
  }
  return -1;
}

function compareIdentifiers(a: string, b: string): number {
  if (a === b) return 0;
  const isNumber = /^[0-9]+$/.test(a);
  if (isNumber !== /^[0-9]+$/.test(b)) return isNumber ? -1 : 1;
  if (isNumber) return compareNumbers(a, b);
  return a < b ? -1 : 1;
}
