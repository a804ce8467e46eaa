import { type CacheFindingCode, cacheFindingCodes } from "./cache-finding-codes.ts";

/**
 * What must go so that a finding is mended. `code`: the zip with all that was made from it; `folder`: what is unpacked
 * of a zip that is right; `ziphash`, `mod` and `info`: that file alone.
 */
export type Spoilt = "code" | "folder" | "ziphash" | "mod" | "info";

/** One thing that is wrong in a module cache. */
export interface CacheFinding {
  readonly code: CacheFindingCode;
  readonly severity: "error" | "warning" | "info";
  /** "" for both where it is about no version. */
  readonly module: string;
  readonly version: string;
  /** How it came about, and what it does to builds; one line without the hashes. */
  readonly message: string;
  readonly help: string;
  /** The hash that should be there, `h1:…`; null where it is not about a hash, or where none can be known. */
  readonly want: string | null;
  /** Who says so, such as `the checksum database sum.golang.org` or `go.sum:12`; null without `want`. */
  readonly wantFrom: string | null;
  /** The hash that is there; null where it is not about a hash, or where there can be none. */
  readonly got: string | null;
  /** Null for what a repair of the cache does not mend. */
  readonly spoilt: Spoilt | null;
}

/** A finding with severity and help of its code. */
export function cacheFinding(
  code: CacheFindingCode,
  details: Pick<CacheFinding, "module" | "version" | "message"> &
    Partial<Pick<CacheFinding, "want" | "wantFrom" | "got" | "spoilt">>,
): CacheFinding {
  const { severity, help } = cacheFindingCodes[code];
  return { code, severity, help, want: null, wantFrom: null, got: null, spoilt: null, ...details };
}

/** The worst first; those of one code by module and version, as they came. */
export function sortFindings(findings: readonly CacheFinding[]): CacheFinding[] {
  const order = Object.keys(cacheFindingCodes);
  return findings.toSorted((left, right) => order.indexOf(left.code) - order.indexOf(right.code));
}
