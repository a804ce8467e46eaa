import { Problem } from "../kernel/problem.ts";

/** STORE_FAILED with what was tried and what the system said; a Problem passes as it is. */
export function storeFailure(tried: string, cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  const said = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  return new Problem("STORE_FAILED", `Cannot ${tried}: ${said}`, { cause });
}
