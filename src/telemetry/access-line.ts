import type { Exchange } from "../ports/exchange.ts";
import type { UpstreamTry } from "../ports/upstream.ts";
import { isoTime } from "./iso-time.ts";
import { maskPath, maskText } from "./mask.ts";
import { plainLine } from "./plain-line.ts";
import { moduleOf, versionOf } from "./subject.ts";

/** How grave a line is: what an operator must look at is `warn` or `error`. */
export type AccessLevel = "info" | "warn" | "error";

/**
 * `error` for a bug of modgate, `warn` where the gateway or an upstream could not do its work, else `info`: absent,
 * denied and invalid are answers.
 */
export function accessLevel(exchange: Exchange): AccessLevel {
  if (exchange.verdict === "ok") return "info";
  if (exchange.problem?.code === "INTERNAL") return "error";
  return exchange.verdict === "unreachable" || exchange.verdict === "damaged" ? "warn" : "info";
}

/**
 * One exchange as one line of JSON with a newline at its end. `time` is when the answer ended, `ms` what it
 * took to the microsecond. The upstream tries stand in it where there were several or one failed; code and message on
 * a refusal, with the stack where it is a bug. No credentials: query values and user names of URLs are masked.
 */
export function accessLine(exchange: Exchange): string {
  return plainLine(exchange) ?? wholeLine(exchange);
}

/** The same line, whatever the exchange holds. */
export function wholeLine(exchange: Exchange): string {
  const { request, problem } = exchange;
  const line = JSON.stringify({
    time: isoTime(Math.round(exchange.startedAtMs + exchange.tookMs)),
    level: accessLevel(exchange),
    requestId: exchange.id,
    tenant: exchange.tenant,
    module: moduleOf(request),
    version: versionOf(request),
    endpoint: exchange.endpoint,
    verdict: exchange.verdict,
    status: exchange.status,
    cache: exchange.cache,
    upstream: exchange.upstream,
    ms: Math.round(exchange.tookMs * 1000) / 1000,
    bytes: exchange.bytesSent,
    method: exchange.method,
    path: maskPath(exchange.path),
    client: exchange.client,
    userAgent: exchange.userAgent,
    generation: exchange.generation,
    traceId: exchange.traceparent === "" ? undefined : exchange.traceparent.slice(3, 35),
    rule: exchange.rule ?? undefined,
    ageSeconds: exchange.ageSeconds ?? undefined,
    tries: shownTries(exchange.tries),
    code: problem?.code,
    message: problem ? maskText(problem.message) : undefined,
    stack: problem?.code === "INTERNAL" ? maskText(stackOf(problem.cause)) : undefined,
  });
  return `${line}\n`;
}

function shownTries(tries: readonly UpstreamTry[]): readonly object[] | undefined {
  if (tries.length === 0 || (tries.length === 1 && tries.every(wentWell))) return undefined;
  return tries.map((one) => ({
    upstream: one.upstream,
    attempt: one.attempt,
    outcome: one.outcome,
    status: one.status,
    reason: maskText(one.reason),
    ms: Math.round(one.tookMs),
    breaker: one.breaker,
  }));
}

function wentWell(one: UpstreamTry): boolean {
  return one.outcome === "found" || one.outcome === "unchanged" || one.outcome === "absent";
}

function stackOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? String(cause)) : String(cause);
}
