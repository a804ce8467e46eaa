import type { Exchange } from "../../src/ports/exchange.ts";
import type { UpstreamTry } from "../../src/ports/upstream.ts";

/** An exchange that went well, a cached .info, with the fields of `changes` instead. */
export function someExchange(changes: Partial<Exchange> = {}): Exchange {
  return {
    id: "0f3k2m9a00001",
    startedAtMs: Date.UTC(2026, 0, 1, 12),
    method: "GET",
    path: "/example.com/a/@v/v1.0.0.info",
    client: "10.0.0.12",
    userAgent: "Go-http-client/1.1",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    endpoint: "info",
    request: {
      kind: "info",
      module: "example.com/a",
      escapedModule: "example.com/a",
      version: "v1.0.0",
      key: "example.com/a/@v/v1.0.0.info",
    },
    tenant: "default",
    rule: null,
    cache: "hit",
    ageSeconds: null,
    upstream: "proxy",
    tries: [],
    verdict: "ok",
    status: 200,
    problem: null,
    bytesSent: 123,
    tookMs: 0.4321,
    generation: 1,
    ...changes,
  };
}

/** One attempt that found what was asked, with the fields of `changes` instead. */
export function someTry(changes: Partial<UpstreamTry> = {}): UpstreamTry {
  return {
    upstream: "proxy",
    attempt: 1,
    outcome: "found",
    status: 200,
    reason: "200 OK",
    tookMs: 12,
    breaker: "closed",
    ...changes,
  };
}
