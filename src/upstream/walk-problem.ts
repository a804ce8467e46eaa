import { Problem } from "../kernel/problem.ts";
import type { UpstreamAsk } from "../ports/upstream.ts";
import type { UpstreamConfig } from "../config/config.ts";
import type { Failure } from "./failure.ts";

/** One upstream that gave nothing. */
export interface Miss {
  readonly upstream: UpstreamConfig;
  readonly failure: Failure;
  /** The last attempt, from 1. */
  readonly attempt: number;
  readonly tookMs: number;
}

// Where nobody knows better: long enough for a blip to pass.
const defaultRetryAfterMs = 5000;

/**
 * What a walk without a result means. Absence only where all who were asked proved it; else the gravest:
 * loop (the configuration is wrong), a mismatch of hashes, damaged (somebody names a culprit), unreachable (whoever has not
 * answered may yet have it), denied. `isOff`: the walk came to `off`.
 */
export function walkProblem(ask: UpstreamAsk, misses: readonly Miss[], isOff: boolean): Problem {
  const what = subjectOf(ask);
  const tried = misses.map(triedLine);
  const of = (kind: Failure["kind"]): readonly Miss[] => misses.filter((miss) => miss.failure.kind === kind);
  const [loop] = of("loop");
  if (loop) return new Problem("UPSTREAM_LOOP", `Upstream "${loop.upstream.name}" ${loop.failure.reason}`, { tried });
  const forgery = of("damaged").find((miss) => miss.failure.forgery !== null)?.failure.forgery;
  if (forgery) {
    const { code, message, hint, evidence } = forgery;
    return new Problem(code, message, { tried, hint, cause: forgery, ...(evidence === null ? {} : { evidence }) });
  }
  const [damaged] = of("damaged");
  if (damaged) {
    const message = `Upstream "${damaged.upstream.name}" answered for ${what} with something else: ${damaged.failure.reason}`;
    return new Problem("UPSTREAM_DAMAGED", message, { tried, ...hintOf(damaged) });
  }
  if (of("unreachable").length > 0) return unreachable(what, of("unreachable"), tried);
  const denied = of("denied").at(-1);
  if (denied) {
    const message = `Upstream "${denied.upstream.name}" refuses ${what}: ${denied.failure.reason}`;
    return new Problem("UPSTREAM_DENIED", message, { tried, ...hintOf(denied) });
  }
  if (misses.length === 0) return nobodyAsked(what, isOff);
  const gone = misses.find((miss) => miss.failure.isGone);
  if (gone) return new Problem("MODULE_GONE", `${what} is gone, says upstream "${gone.upstream.name}"`, { tried });
  return new Problem("MODULE_ABSENT", `${what} does not exist: ${everybody(misses)}`, { tried });
}

/** What is asked for, as messages name it. */
export function subjectOf(ask: Pick<UpstreamAsk, "endpoint" | "module" | "version" | "path">): string {
  const module = ask.module ?? ask.path;
  switch (ask.endpoint) {
    case "list":
      return `the version list of ${module}`;
    case "latest":
      return `${module}@latest`;
    case "sumdb":
      return `${ask.path} of the checksum database`;
    case "vulndb":
      return `${ask.path} of the vulnerability database`;
    default:
      return `${module}@${ask.version ?? ""} (.${ask.endpoint})`;
  }
}

function unreachable(what: string, misses: readonly Miss[], tried: readonly string[]): Problem {
  const failures = misses.map((miss) => miss.failure);
  const waits = failures.map((failure) => failure.retryAfterMs).filter((wait) => wait !== null);
  const retryAfterMs = waits.length > 0 ? Math.min(...waits) : defaultRetryAfterMs;
  const names = misses.map((miss) => `"${miss.upstream.name}"`).join(", ");
  const hint = hintOf(...misses);
  if (failures.every((failure) => failure.isSkipped)) {
    const message = `Cannot fetch ${what}: upstream ${names} failed lately and is not asked again yet`;
    return new Problem("BREAKER_OPEN", message, { tried, retryAfterMs, ...hint });
  }
  const asked = failures.filter((failure) => !failure.isSkipped);
  const isBusy = asked.every((failure) => failure.retryAfterMs !== null && failure.status !== null);
  const isLate = asked.every((failure) => failure.timedOut || failure.status === 504);
  const status = isBusy ? 503 : isLate ? 504 : 502;
  const message = `Cannot fetch ${what}: upstream ${names} cannot be reached or is failing, so nothing is known`;
  return new Problem("UPSTREAM_UNREACHABLE", message, { status, tried, retryAfterMs, ...hint });
}

function nobodyAsked(what: string, isOff: boolean): Problem {
  if (isOff) {
    return new Problem("UPSTREAM_DENIED", `Cannot fetch ${what}: module lookup disabled by upstream off`, {
      hint: "put an upstream before off, or serve from the cache alone with network: offline",
    });
  }
  return new Problem("UPSTREAM_UNREACHABLE", `Cannot fetch ${what}: no upstream of the chain can have it`, {
    hint: "add a module proxy to upstream: beside direct",
  });
}

function everybody(misses: readonly Miss[]): string {
  if (misses.length === 1) return `upstream "${misses[0]?.upstream.name ?? ""}" says so`;
  return `all ${misses.length} upstreams asked say so`;
}

// Only a hint that says more than the code's own.
function hintOf(...misses: readonly Miss[]): { hint?: string } {
  const hint = misses.findLast((miss) => miss.failure.hint !== null)?.failure.hint;
  return hint ? { hint } : {};
}

function triedLine({ upstream, failure, attempt, tookMs }: Miss): string {
  if (failure.isSkipped) return `${upstream.name}: ${failure.reason}`;
  const count = attempt > 1 ? `, attempt ${attempt}/${upstream.retry.attempts}` : "";
  return `${upstream.name}: ${failure.reason}${count}, ${Math.round(tookMs)} ms`;
}
