import type { Problem } from "../kernel/problem.ts";
import type { Evidence } from "./quarantine.ts";

/** Something that an operator must look at: somebody served, or signed, what cannot be true. */
export type SecurityEvent =
  /** An upstream served a file that is not what is proved of its version. It was refused. */
  | {
      readonly kind: "mismatch";
      readonly evidence: Evidence;
      /** Its name in quarantine; null where it could not be kept. */
      readonly quarantined: string | null;
    }
  /** The checksum database has signed two histories. */
  | { readonly kind: "fork"; readonly problem: Problem }
  /** A file of the cache is no longer what it was proved to be. */
  | { readonly kind: "changed-on-disk"; readonly evidence: Evidence; readonly quarantined: string | null }
  /**
   * A version has changed: it was proved here once, and an upstream now says otherwise of a file, or of the commit that
   * its tag leads to.
   */
  | { readonly kind: "drift"; readonly evidence: Evidence; readonly quarantined: string | null };

/** Who is told of security events, and of what could not be done about them. Never throws. */
export interface SecurityWatch {
  event(event: SecurityEvent): void;
  trouble(problem: Problem): void;
}
