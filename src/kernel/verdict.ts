/**
 * How a request ends: exactly one of these, in code, logs and metrics.
 *
 * - `ok`: served, or proved unchanged.
 * - `absent`: every upstream asked has proved that it does not exist (404, 410).
 * - `denied`: a rule, a hook or an upstream refuses it (403).
 * - `unreachable`: nobody could be asked, or this gateway failed (5xx).
 * - `damaged`: an answer came and is not what it claims to be (502).
 * - `invalid`: the request itself is wrong (4xx).
 */
export const verdicts = ["ok", "absent", "denied", "unreachable", "damaged", "invalid"] as const;

export type Verdict = (typeof verdicts)[number];

/** What a refusal can be: every verdict but `ok`. */
export type Refusal = Exclude<Verdict, "ok">;
