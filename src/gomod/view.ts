import { parseDuration } from "../kernel/duration.ts";
import { Problem } from "../kernel/problem.ts";
import { quote } from "./quote.ts";
import { parseRfc3339 } from "./rfc3339.ts";

/** How a client wants to see modules, as the prefix of its paths says. */
export interface View {
  /** Versions must be known for so many milliseconds (`/cooldown/7d/`); null: only as the rules say. */
  readonly cooldownMs: number | null;
  /** Lists end before this moment, in milliseconds since 1970 (`/asof/2026-06-01/`); null: they go on to now. */
  readonly asOfMs: number | null;
}

/** The view of who asks for no other. */
export const plainView: View = { cooldownMs: null, asOfMs: null };

/** The time in `/cooldown/7d/` in milliseconds; INVALID_QUERY where it is none. */
export function parseCooldown(text: string): number {
  const cooldownMs = parseDuration(text);
  if (cooldownMs !== null) return cooldownMs;
  throw new Problem("INVALID_QUERY", `Cannot read ${quote(text)} in /cooldown/${text}/ as a time`, {
    hint: "write it as /cooldown/7d/, with the units d, h, m and s",
  });
}

const dayMs = 86_400_000;

/**
 * The end of the view `/asof/2026-06-01/`, in milliseconds since 1970: a day is seen to its end in UTC, a time such as
 * `2026-06-01T12:00:00Z` up to that moment. INVALID_QUERY where it is neither.
 */
export function parseAsOf(text: string): number {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseRfc3339(`${text}T00:00:00Z`) : null;
  if (day !== null) return day + dayMs;
  const moment = parseRfc3339(text);
  if (moment !== null) return moment;
  throw new Problem("INVALID_QUERY", `Cannot read ${quote(text)} in /asof/${text}/ as a day`, {
    hint: "write it as /asof/2026-06-01/, or with a time as /asof/2026-06-01T12:00:00Z/",
  });
}
