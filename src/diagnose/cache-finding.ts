import { type CacheFindingCode, cacheFindingCodes } from "./cache-finding-codes.ts";

/** What must go so that a finding is mended: zip and unpacked folder, the .mod, the .info. */
export type Spoilt = "code" | "mod" | "info";

/** One thing that is wrong in a module cache. */
export interface CacheFinding {
  readonly code: CacheFindingCode;
  readonly severity: "error" | "warning" | "info";
  /** "" for both where it is about no version. */
  readonly module: string;
  readonly version: string;
  /** How it came about, and what it does. */
  readonly message: string;
  readonly help: string;
  /** The hash that should be there, and the one that is; null where it is not about a hash. */
  readonly want: string | null;
  readonly got: string | null;
  /** Null for what a repair of the cache does not mend. */
  readonly spoilt: Spoilt | null;
}

/** A finding with severity and help of its code. */
export function cacheFinding(
  code: CacheFindingCode,
  details: Pick<CacheFinding, "module" | "version" | "message"> &
    Partial<Pick<CacheFinding, "want" | "got" | "spoilt">>,
): CacheFinding {
  const { severity, help } = cacheFindingCodes[code];
  return { code, severity, help, want: null, got: null, spoilt: null, ...details };
}

/** The worst first; those of one code by module and version, as they came. */
export function sortFindings(findings: readonly CacheFinding[]): CacheFinding[] {
  const order = Object.keys(cacheFindingCodes);
  return findings.toSorted((left, right) => order.indexOf(left.code) - order.indexOf(right.code));
}
