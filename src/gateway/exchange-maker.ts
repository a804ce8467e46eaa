import type { Clock } from "../kernel/clock.ts";
import type { Exchange } from "../ports/exchange.ts";
import type { Ask } from "../ports/ask.ts";

const maxPath = 2048;
const safeId = /^[A-Za-z0-9._-]{1,64}$/;

interface ExchangeMakerParts {
  readonly clock: Clock;
  readonly nextId: () => string;
  /** This gateway's own span below the client's traceparent. */
  readonly trace: (incoming: string) => string;
}

/** Begins the record of a request. The client's X-Request-Id is kept where it is harmless in a log line. */
export class ExchangeMaker {
  readonly #parts: ExchangeMakerParts;

  constructor(parts: ExchangeMakerParts) {
    this.#parts = parts;
  }

  begin(ask: Ask, generation: number): Exchange {
    const asked = ask.header("x-request-id");
    const caller = ask.header("traceparent");
    const path = ask.query === "" ? ask.path : `${ask.path}?${ask.query}`;
    return {
      id: asked !== undefined && safeId.test(asked) ? asked : this.#parts.nextId(),
      startedAtMs: this.#parts.clock.now(),
      method: ask.method,
      path: path.length > maxPath ? path.slice(0, maxPath) : path,
      client: ask.client,
      userAgent: ask.header("user-agent") ?? "",
      traceparent: caller === undefined ? "" : this.#parts.trace(caller),
      endpoint: "other",
      request: null,
      tenant: "anonymous",
      rule: null,
      cache: "none",
      ageSeconds: null,
      upstream: null,
      tries: [],
      verdict: "ok",
      status: 200,
      problem: null,
      bytesSent: 0,
      tookMs: 0,
      generation,
    };
  }
}

/** True where the failure is only that the client left. */
export function isClientGone(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && error === signal.reason;
}
