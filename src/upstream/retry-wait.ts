import type { UpstreamRetry } from "../config/config.ts";
import type { Random } from "../kernel/random.ts";

/**
 * Milliseconds that a Retry-After header asks for, from seconds or an HTTP date; null where there is none
 * or it is neither. https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // Date.parse alone would take "-1" or "2.5" for a year.
  if (!/^[A-Za-z]{3,9},? /.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/**
 * How long to wait after the attempt (from 1) that failed: between nothing and `backoffMs` doubled for
 * each attempt before it, at most `maxBackoffMs` (full jitter, so that many clients do not come back at once).
 */
export function backoffAfter(attempt: number, retry: UpstreamRetry, random: Random): number {
  const ceiling = Math.min(retry.maxBackoffMs, retry.backoffMs * 2 ** (attempt - 1));
  return Math.floor(random() * ceiling);
}
