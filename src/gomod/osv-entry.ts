import { compareVersions } from "./version.ts";

/** Versions from `introduced` on, up to but without `fixed`; null: to this day. Written as Go writes versions. */
export interface AffectedRange {
  readonly introduced: string;
  readonly fixed: string | null;
}

/** What an entry of the vulnerability database says of one module. */
export interface OsvEntry {
  readonly id: string;
  /** In a few words; "" where it says none. */
  readonly summary: string;
  readonly aliases: readonly string[];
  readonly ranges: readonly AffectedRange[];
}

/**
 * Reads an entry in the OSV format, as far as it is about the module; null where it is no entry, was withdrawn, or is
 * about other modules. https://go.dev/doc/security/vuln/database#schema
 */
export function parseOsvEntry(json: unknown, module: string): OsvEntry | null {
  const entry = objectOf(json);
  const { id, withdrawn, affected, summary, aliases } = entry;
  if (typeof id !== "string" || withdrawn !== undefined || !Array.isArray(affected)) return null;
  const ranges = affected
    .map(objectOf)
    .filter((one) => objectOf(one["package"])["name"] === module)
    .flatMap((one) => (Array.isArray(one["ranges"]) ? one["ranges"].map(objectOf) : []))
    .filter((range) => range["type"] === "SEMVER")
    .flatMap((range) => rangesOf(Array.isArray(range["events"]) ? range["events"].map(objectOf) : []));
  if (ranges.length === 0) return null;
  return { id, summary: stringOf(summary), aliases: Array.isArray(aliases) ? aliases.map(stringOf) : [], ranges };
}

/** The version that fixes what the entry says of `version`; null where it is not affected, or nothing fixes it yet. */
export function fixOf({ ranges }: OsvEntry, version: string): string | null {
  const range = ranges.find(
    ({ introduced, fixed }) =>
      compareVersions(introduced, version) <= 0 && (fixed === null || compareVersions(version, fixed) < 0),
  );
  return range?.fixed ?? null;
}

// Events stand in any order; sorted, a range goes from each `introduced` to the next `fixed`.
function rangesOf(events: readonly Record<string, unknown>[]): AffectedRange[] {
  const marks = events
    .flatMap(({ introduced, fixed }) => [
      ...(typeof introduced === "string" ? [{ isFix: false, version: goVersion(introduced) }] : []),
      ...(typeof fixed === "string" ? [{ isFix: true, version: goVersion(fixed) }] : []),
    ])
    .sort((one, other) => compareVersions(one.version, other.version));
  const ranges: AffectedRange[] = [];
  let introduced: string | null = null;
  for (const { isFix, version } of marks) {
    if (!isFix) introduced ??= version;
    else if (introduced !== null) {
      ranges.push({ introduced, fixed: version });
      introduced = null;
    }
  }
  if (introduced !== null) ranges.push({ introduced, fixed: null });
  return ranges;
}

// "0" stands for the beginning, below every pre-release.
function goVersion(version: string): string {
  return version === "0" ? "v0.0.0-0" : `v${version}`;
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
