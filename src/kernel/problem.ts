import { problemCodes, type ProblemCode } from "./problem-codes.ts";
import type { Refusal } from "./verdict.ts";

interface ProblemDetails {
  /** One thing the reader can do next; the code's own hint where left out. */
  readonly hint?: string;
  /** HTTP status, where it differs from the code's. */
  readonly status?: number;
  /** After how many milliseconds asking again makes sense. */
  readonly retryAfterMs?: number;
  /** One line for each thing tried, in order. */
  readonly tried?: readonly string[];
  /** What proves a security refusal, for whoever checks it. Never credentials. */
  readonly evidence?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An expected failure: decide on `code`, never on the message. Anything else that is thrown is a bug. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly verdict: Refusal;
  readonly status: number;
  readonly hint: string;
  readonly retryAfterMs: number | null;
  readonly tried: readonly string[];
  readonly evidence: Readonly<Record<string, unknown>> | null;

  constructor(code: ProblemCode, message: string, details: ProblemDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    const kind = problemCodes[code];
    this.name = "Problem";
    this.code = code;
    this.verdict = kind.verdict;
    this.status = details.status ?? kind.status;
    this.hint = details.hint ?? kind.hint;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.tried = details.tried ?? [];
    this.evidence = details.evidence ?? null;
  }

  /** The error itself where it is a Problem; INTERNAL with it as the cause where it is not. */
  static from(error: unknown): Problem {
    if (error instanceof Problem) return error;
    return new Problem("INTERNAL", "modgate failed on this request", { cause: error });
  }
}
