import type { Problem } from "../kernel/problem.ts";
import type { ProblemCode } from "../kernel/problem-codes.ts";
import type { Refusal } from "../kernel/verdict.ts";

/** What a command ends with; a wrapped command's own code comes through unchanged. */
export const exitCodes = {
  fine: 0,
  findings: 1,
  usage: 2,
  network: 3,
  integrity: 4,
  interrupted: 130,
} as const;

const byVerdict: Readonly<Record<Refusal, number>> = {
  absent: exitCodes.findings,
  denied: exitCodes.findings,
  unreachable: exitCodes.network,
  damaged: exitCodes.integrity,
  invalid: exitCodes.usage,
};

// Unreachable as far as a client can tell, yet no trouble of the network.
const byCode: Readonly<Partial<Record<ProblemCode, number>>> = {
  INTERNAL: exitCodes.findings,
  STORE_FAILED: exitCodes.findings,
};

/** The exit code for a command that ends with this problem. */
export function exitCodeOf(problem: Problem): number {
  return byCode[problem.code] ?? byVerdict[problem.verdict];
}
