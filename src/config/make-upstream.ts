import type { UpstreamConfig } from "./config.ts";
import { type UpstreamDefaults, type UpstreamEntry, upstreamBuiltIns as builtIn } from "./upstream-schema.ts";

interface UpstreamSubject {
  readonly name: string;
  readonly url: string;
  /** Its entry under `upstreams:`; null for a bare URL. */
  readonly entry: UpstreamEntry | null;
}

interface MakeParts {
  readonly defaults: UpstreamDefaults;
  readonly secretHeaders: (entry: string | null) => Readonly<Record<string, string>>;
}

/** One upstream from its own entry, what holds for all, and what is built in, each value from the first that has it. */
export function makeUpstream(
  { name, url, entry }: UpstreamSubject,
  { defaults, secretHeaders }: MakeParts,
): UpstreamConfig {
  const from = { ...defaults, ...entry };
  const timeouts = { ...defaults.timeouts, ...entry?.timeouts };
  const retry = { ...defaults.retry, ...entry?.retry };
  const breaker = { ...defaults.breaker, ...entry?.breaker };
  return {
    name,
    url,
    notFound: from.notFound ?? [],
    timeouts: {
      connectMs: timeouts.connect ?? builtIn.connectMs,
      headersMs: timeouts.headers ?? builtIn.headersMs,
      idleMs: timeouts.idle ?? builtIn.idleMs,
      totalMs: timeouts.total ?? builtIn.totalMs,
    },
    retry: {
      attempts: retry.attempts ?? builtIn.attempts,
      backoffMs: retry.backoff ?? builtIn.backoffMs,
      maxBackoffMs: retry.maxBackoff ?? builtIn.maxBackoffMs,
    },
    breaker: {
      failures: breaker.failures ?? builtIn.failures,
      openMs: breaker.openFor ?? builtIn.openMs,
    },
    hedgeAfterMs: from.hedgeAfter ?? null,
    headers: {
      ...lowerCased(defaults.headers),
      ...secretHeaders(null),
      ...lowerCased(entry?.headers),
      ...(entry === null ? {} : secretHeaders(name)),
    },
    http2: /^https:/i.test(url) && (from.http2 ?? true),
    connections: from.connections ?? builtIn.connections,
    forwardAuthorization: from.forwardAuthorization ?? false,
    private: url === "direct" || (entry?.private ?? false),
    caFile: from.ca ?? null,
    certFile: from.cert ?? null,
    keyFile: from.key ?? null,
    proxy: from.proxy ?? null,
  };
}

function lowerCased(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}
