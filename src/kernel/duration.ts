const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

type Unit = keyof typeof unitMs;

/**
 * Milliseconds of a duration such as `30s`, `1h30m`, `1.5h` or `7d` (units d, h, m, s, ms; `0` needs
 * none); null where the text is none or goes beyond 10 years.
 */
export function parseDuration(text: string): number | null {
  if (text === "0") return 0;
  if (!/^(\d{1,15}(\.\d{1,9})?(ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (isUnit(unit) ? unitMs[unit] : 0);
  }
  return total <= longestDurationMs ? Math.round(total) : null;
}

/** Writes whole milliseconds as parseDuration reads them, the largest units first: `1h30m`; `0s` for nothing. */
export function formatDuration(durationMs: number): string {
  let rest = durationMs;
  let text = "";
  for (const unit of ["d", "h", "m", "s", "ms"] as const) {
    const count = Math.floor(rest / unitMs[unit]);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitMs[unit];
  }
  return text || "0s";
}

/** The longest time that a timer can wait: setTimeout fires at once beyond it. */
export const longestTimerMs = 24 * unitMs.d;

/** The longest duration that can be written. */
export const longestDurationMs = 3650 * unitMs.d;

function isUnit(text: string | undefined): text is Unit {
  return text !== undefined && text in unitMs;
}
