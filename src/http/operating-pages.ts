import type { ServerResponse } from "node:http";
import { Problem } from "../kernel/problem.ts";
import type { Ask } from "../ports/ask.ts";
import type { UpstreamHealth } from "../ports/upstream.ts";
import type { Draining } from "./draining.ts";

interface OperatingParts {
  readonly draining: Draining;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly upstreams: () => readonly UpstreamHealth[];
  /** Resolves when the cache can be read and written; rejects with why not. */
  readonly probeStore: () => Promise<void>;
  readonly explain: (moduleAtVersion: string, isLive: boolean) => Promise<object>;
}

const explainPrefix = "/-/api/v1/explain/";

const letterH = 0x68;
const letterM = 0x6d;
const letterR = 0x72;
const dash = 0x2d;

/** /healthz, /readyz, /metrics and /-/api/v1/…: what operators and their machines ask. */
export class OperatingPages {
  readonly #parts: OperatingParts;

  constructor(parts: OperatingParts) {
    this.#parts = parts;
  }

  /** True for the paths, with or without a query, that answer() answers. */
  owns(path: string): boolean {
    // No module path starts with these: its first element needs a dot.
    const second = path.charCodeAt(1);
    if (second !== letterH && second !== letterM && second !== letterR && second !== dash) return false;
    const page = path.includes("?") ? path.slice(0, path.indexOf("?")) : path;
    return page === "/healthz" || page === "/readyz" || page === "/metrics" || page.startsWith("/-/");
  }

  /** Answers one of the pages; never rejects. */
  async answer(ask: Ask, response: ServerResponse): Promise<void> {
    try {
      if (ask.method !== "GET" && ask.method !== "HEAD")
        throw new Problem("METHOD_NOT_ALLOWED", `${ask.method} is not for ${ask.path}`);
      if (ask.path === "/healthz") return end(response, 200, "text/plain; charset=utf-8", "ok\n");
      if (ask.path === "/readyz") return await this.#readiness(ask, response);
      if (ask.path === "/metrics") {
        const { contentType, text } = await this.#parts.metrics();
        return end(response, 200, contentType, text);
      }
      if (!ask.path.startsWith(explainPrefix))
        throw new Problem("NOT_A_GO_REQUEST", `${ask.path} is no page of the management API`);
      const subject = decodeSubject(ask.path.slice(explainPrefix.length));
      const isLive = new URLSearchParams(ask.query).get("live") === "true";
      return json(response, 200, await this.#parts.explain(subject, isLive));
    } catch (error) {
      problemJson(response, Problem.from(error));
    }
  }

  async #readiness(ask: Ask, response: ServerResponse): Promise<void> {
    const upstreams = this.#parts.upstreams();
    const reachable = upstreams.some((upstream) => upstream.breaker !== "open");
    const cacheTrouble = await this.#parts.probeStore().then(
      () => null,
      (error: unknown) => Problem.from(error).message,
    );
    const { isDraining } = this.#parts.draining;
    const cache = { ok: cacheTrouble === null && !isDraining, reason: isDraining ? "draining" : cacheTrouble };
    const part = new URLSearchParams(ask.query).get("part");
    const ready = part === "upstreams" ? reachable || upstreams.length === 0 : cache.ok;
    json(response, ready ? 200 : 503, {
      schemaVersion: 1,
      ready,
      cache,
      upstreams: { ok: reachable || upstreams.length === 0, each: upstreams },
    });
  }
}

function decodeSubject(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new Problem("INVALID_QUERY", `${text} is not percent-encoded as it should be`, { cause: error });
  }
}

function json(response: ServerResponse, status: number, value: object): void {
  end(response, status, "application/json", `${JSON.stringify(value)}\n`);
}

/** https://www.rfc-editor.org/rfc/rfc9457 */
function problemJson(response: ServerResponse, problem: Problem): void {
  const body = {
    type: `urn:modgate:${problem.code}`,
    title: problem.message,
    status: problem.status,
    code: problem.code,
    hint: problem.hint,
  };
  end(response, problem.status, "application/problem+json", `${JSON.stringify(body)}\n`);
}

function end(response: ServerResponse, status: number, contentType: string, text: string): void {
  if (response.destroyed) return;
  const body = Buffer.from(text);
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": body.length,
    "Cache-Control": "no-store",
  });
  response.end(body);
}
