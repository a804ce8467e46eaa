import { Problem } from "../kernel/problem.ts";
import type { Config } from "../config/config.ts";
import type { Decision } from "../policy/decide.ts";
import type { Exchange } from "../ports/exchange.ts";
import { isFromGateway, isOwnVia } from "../upstream/loop.ts";
import type { Ask } from "../ports/ask.ts";
import type { Errand, FileRequest } from "./errand.ts";

interface ErrandParts {
  readonly config: Config;
  readonly selfId: string;
  readonly upstreamNames: ReadonlyMap<string, string>;
  readonly newTrace: () => string;
}

/** What is asked for, and what the rules say of it. */
export interface ErrandSubject {
  readonly request: FileRequest;
  readonly decision: Decision;
  readonly cachedOnly: boolean;
}

/**
 * Reads what the request's headers ask of the way: Via, X-Go-Proxy-Upstream, Disable-Module-Fetch,
 * Authorization. UPSTREAM_LOOP, UNKNOWN_UPSTREAM, UPSTREAM_NOT_ALLOWED, INVALID_QUERY.
 */
export function drawErrand(parts: ErrandParts, ask: Ask, exchange: Exchange, subject: ErrandSubject): Errand {
  const { config } = parts;
  const via = ask.header("via");
  if (isOwnVia(via, parts.selfId)) {
    throw new Problem(
      "UPSTREAM_LOOP",
      "This request has come through this gateway already: its upstream chain leads back to it",
      {
        status: 508,
        evidence: { selfId: parts.selfId },
      },
    );
  }
  // A request that the cache may answer alone needs no trace of its own before now.
  if (exchange.traceparent === "") exchange.traceparent = parts.newTrace();
  const headers: Record<string, string> = { traceparent: exchange.traceparent, "x-request-id": exchange.id };
  if (via !== undefined) headers["via"] = via;
  const asked = ask.header("x-go-proxy-upstream");
  if (asked !== undefined) headers["x-go-proxy-upstream"] = asked;
  const fallback = ask.header("x-go-proxy-fallback");
  if (fallback !== undefined) headers["x-go-proxy-fallback"] = fallback;
  const upstreams = [...config.chain.map(({ upstream }) => upstream), ...Object.values(config.upstreams)];
  const authorization = upstreams.some((upstream) => upstream.forwardAuthorization)
    ? (ask.header("authorization") ?? null)
    : null;
  return {
    ...subject,
    cacheOnly:
      subject.cachedOnly || config.network === "offline" || isFetchDisabled(ask.header("disable-module-fetch")),
    chosenUpstream: asked === undefined ? null : chooseUpstream(parts, asked, { ...subject, via }),
    authorization,
    headers,
    // Made only where somebody waits on it.
    get signal() {
      return ask.signal;
    },
  };
}

function chooseUpstream(
  parts: ErrandParts,
  asked: string,
  { request, decision, via }: ErrandSubject & { readonly via: string | undefined },
): string | null {
  const name = parts.upstreamNames.get(asked.trim().toLowerCase());
  if (name === undefined) {
    // Another gateway passes on what it was asked itself: the name may be one of its own.
    if (isFromGateway(via)) return null;
    const known = [...new Set(parts.upstreamNames.values())].join(", ");
    throw new Problem("UNKNOWN_UPSTREAM", `X-Go-Proxy-Upstream names "${asked}"; this gateway has: ${known}`);
  }
  // These say the same whoever is asked, and have their own chains.
  if (request.kind === "sumdb" || request.kind === "vulndb") return null;
  if (decision.upstreams !== null && !decision.upstreams.includes(name)) {
    const allowed = decision.upstreams.length === 0 ? "none" : decision.upstreams.join(", ");
    throw new Problem(
      "UPSTREAM_NOT_ALLOWED",
      `X-Go-Proxy-Upstream asks for ${name}; allowed for this module: ${allowed}`,
    );
  }
  return name;
}

// The protocol knows "true"; anything but a boolean is a mistake worth telling.
function isFetchDisabled(value: string | undefined): boolean {
  if (value === undefined || value === "false") return false;
  if (value === "true") return true;
  throw new Problem("INVALID_QUERY", `Disable-Module-Fetch is "${value}"; want true or false`);
}
