import type { Problem } from "../kernel/problem.ts";

/** Why one attempt, or a whole upstream, gave nothing. */
export interface Failure {
  /** `loop`: the answer of this gateway to itself. */
  readonly kind: "absent" | "denied" | "unreachable" | "damaged" | "loop";
  /** The HTTP status, null where none came. */
  readonly status: number | null;
  /** What it said or how it failed: one line, without credentials. */
  readonly reason: string;
  /** 410: it was there once. */
  readonly isGone: boolean;
  /** Asking again may help. */
  readonly mayRetry: boolean;
  /** What Retry-After said, in milliseconds. */
  readonly retryAfterMs: number | null;
  readonly timedOut: boolean;
  /** Nobody was asked, because the breaker is open. */
  readonly isSkipped: boolean;
  /**
   * What the breaker counts: each attempt where no answer came at all, the request once where an answer
   * came that is an outage (else one broken module would cut off all the others), else nothing.
   */
  readonly blame: "attempt" | "request" | "none";
  /** What refused the bytes, where they were well-formed and not what is proved of the version; else null. */
  readonly forgery: Problem | null;
  /** What the reader can do, where the failure itself tells. */
  readonly hint: string | null;
}

/** A failure of the kind; whatever is left out says no. */
export function failure(kind: Failure["kind"], reason: string, details: Partial<Failure> = {}): Failure {
  return {
    kind,
    status: null,
    reason,
    isGone: false,
    mayRetry: false,
    retryAfterMs: null,
    timedOut: false,
    isSkipped: false,
    blame: "none",
    forgery: null,
    hint: null,
    ...details,
  };
}
