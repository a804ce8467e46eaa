import { STATUS_CODES } from "node:http";
import type { UpstreamConfig } from "../config/config.ts";
import { failure, type Failure } from "./failure.ts";

/** An answer that is no good, as far as its head and the start of its text tell. */
export interface BadAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly retryAfterMs: number | null;
  /** First line of a text/plain body, "" where there is none. */
  readonly said: string;
}

// 408, 425 and 429 ask for another try; of the 5xx, 501, 505 and 511 will say the same again.
const retried = new Set([408, 425, 429]);
const lasting = new Set([501, 505, 511]);

/**
 * What an answer other than 200 means. 404, 410 and the upstream's `notFound` prove absence; 401, 402, 403
 * and 451 refuse; 5xx, 408, 425 and 429 are outages; a 2xx or 3xx that go itself does not take (GO-FACTS
 * A.1) is damaged; any other 4xx leaves the question open, so it is unreachable, and asking again is no use.
 */
export function statusFailure(answer: BadAnswer, upstream: Pick<UpstreamConfig, "name" | "notFound">): Failure {
  const { status, retryAfterMs } = answer;
  const reason = describe(answer);
  if (status === 404 || status === 410 || upstream.notFound.includes(status)) {
    return failure("absent", reason, { status, isGone: status === 410 });
  }
  if (status === 401 || status === 402 || status === 403 || status === 451) {
    return failure("denied", reason, { status, hint: deniedHint(status, upstream.name) });
  }
  if (status === 407) return failure("unreachable", reason, { status, hint: "give the HTTP proxy credentials" });
  if (status >= 500 || retried.has(status)) {
    return failure("unreachable", reason, { status, retryAfterMs, mayRetry: !lasting.has(status), blame: "request" });
  }
  if (status < 400) return failure("damaged", `${reason}, where only 200 is an answer`, { status });
  return failure("unreachable", reason, { status });
}

/** `503 Service Unavailable: "first line of what it said"`. */
export function describe(answer: Omit<BadAnswer, "retryAfterMs">): string {
  const text = answer.statusText === "" ? (STATUS_CODES[answer.status] ?? "") : answer.statusText;
  const said = answer.said === "" ? "" : `: "${answer.said}"`;
  return `${answer.status} ${text}`.trimEnd() + said;
}

function deniedHint(status: number, name: string): string {
  return `if upstream ${name} says ${status} where it means 404, set notFound: [${status}] on it; else give it credentials`;
}
