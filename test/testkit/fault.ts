import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** One way of answering wrongly, as data. */
export type Fault =
  | {
      readonly kind: "status";
      readonly status: number;
      /** Phrase of the status line. */
      readonly reason?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** `fault STATUS from NAME` where left out. */
      readonly body?: string;
      readonly contentType?: string;
    }
  | { readonly kind: "redirect"; readonly location: string; readonly status?: number }
  /** 200 with these bytes instead of the right ones. */
  | { readonly kind: "body"; readonly body: string | Uint8Array; readonly contentType?: string }
  /** The right answer, so much later. */
  | { readonly kind: "delay"; readonly ms: number }
  /** The right answer in pieces, with a pause before each. */
  | { readonly kind: "drip"; readonly chunkBytes: number; readonly everyMs: number }
  /** Never answers, and keeps the connection. */
  | { readonly kind: "silent" }
  /** Headers and this many bytes of the right body, then nothing more. */
  | { readonly kind: "stall"; readonly afterBytes: number }
  /** TCP RST, or FIN, before the first byte of an answer. */
  | { readonly kind: "reset" }
  | { readonly kind: "close" }
  /** Half of the right body, then: FIN short of Content-Length or of the last chunk, RST, or as if it were whole. */
  | { readonly kind: "truncate"; readonly how: "content-length" | "chunked" | "reset" | "clean" }
  /** These bytes on the wire instead of an HTTP answer, then FIN. */
  | { readonly kind: "raw"; readonly bytes: string };

/** When a fault happens. */
export interface FaultRule {
  /** Glob over the decoded path: `*` stands for any characters, slashes included. */
  readonly match: string;
  /** How many requests it hits before it is used up; all of them where left out. */
  readonly times?: number;
  /** How many matching requests pass unharmed first. */
  readonly skip?: number;
  readonly fault: Fault;
}

/** The right answer that a fault spoils. */
export interface RightAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Answers a request wrongly. Over HTTP/2 whatever drops the connection resets the stream instead. */
export function applyFault(fault: Fault, exchange: FaultExchange): void {
  const { request, response, right, serverName } = exchange;
  const half = right.body.subarray(0, Math.ceil(right.body.length / 2));
  switch (fault.kind) {
    case "status": {
      const body = Buffer.from(fault.body ?? `fault ${fault.status} from ${serverName}`);
      const headers = { "content-type": fault.contentType ?? "text/plain; charset=utf-8", ...fault.headers };
      if (fault.reason !== undefined) response.statusMessage = fault.reason;
      return finish(exchange, { status: fault.status, headers, body });
    }
    case "redirect":
      return finish(exchange, {
        status: fault.status ?? 302,
        headers: { location: fault.location },
        body: Buffer.alloc(0),
      });
    case "body": {
      const headers = { ...right.headers, "content-type": fault.contentType ?? right.headers["content-type"] ?? "" };
      return finish(exchange, { status: 200, headers, body: Buffer.from(fault.body) });
    }
    case "delay":
      return later(exchange, fault.ms, () => finish(exchange, right));
    case "drip":
      response.writeHead(right.status, { ...right.headers, "content-length": right.body.length });
      return drip(exchange, fault, 0);
    case "silent":
      return;
    case "stall":
      response.writeHead(right.status, { ...right.headers, "content-length": right.body.length });
      response.write(right.body.subarray(0, fault.afterBytes));
      return;
    case "reset":
      return drop(exchange, "reset");
    case "close":
      return drop(exchange, "close");
    case "truncate":
      if (fault.how === "clean") return finish(exchange, { ...right, body: half });
      response.writeHead(
        right.status,
        fault.how === "chunked" ? right.headers : { ...right.headers, "content-length": right.body.length },
      );
      response.write(half, () => drop(exchange, fault.how === "reset" ? "reset" : "close"));
      return;
    case "raw":
      request.socket.end(fault.bytes);
      return;
  }
}

export interface FaultExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly right: RightAnswer;
  /** The connection below TLS, where there is any. */
  readonly tcp: Socket;
  readonly serverName: string;
}

/** Sends a whole answer; HEAD and 304 without body. */
export function finish({ request, response }: FaultExchange, answer: RightAnswer): void {
  const bodyless = answer.status === 304 || answer.status === 204;
  response.writeHead(
    answer.status,
    bodyless ? answer.headers : { ...answer.headers, "content-length": answer.body.length },
  );
  if (request.method === "HEAD" || bodyless) response.end();
  else response.end(answer.body);
}

function drip(exchange: FaultExchange, pace: { chunkBytes: number; everyMs: number }, from: number): void {
  later(exchange, pace.everyMs, () => {
    const { response, right } = exchange;
    const end = Math.min(right.body.length, from + pace.chunkBytes);
    response.write(right.body.subarray(from, end));
    if (end === right.body.length) response.end();
    else drip(exchange, pace, end);
  });
}

function later(exchange: FaultExchange, ms: number, run: () => void): void {
  const timer = setTimeout(() => {
    if (!exchange.response.destroyed) run();
  }, ms);
  exchange.response.on("close", () => clearTimeout(timer));
}

function drop({ request, tcp }: FaultExchange, how: "reset" | "close"): void {
  // 2 is INTERNAL_ERROR of HTTP/2.
  if ("stream" in request && hasClose(request.stream)) request.stream.close(2);
  else if (how === "reset") tcp.resetAndDestroy();
  else request.socket.destroySoon();
}

function hasClose(value: unknown): value is { close(code: number): void } {
  return typeof value === "object" && value !== null && "close" in value;
}

/** True where the decoded path fits the glob. */
export function matchesGlob(glob: string, path: string): boolean {
  const pattern = glob.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pattern.join(".*")}$`, "s").test(path);
}

/** True where If-None-Match names this entity tag. */
export function isUnchanged(headers: IncomingHttpHeaders, etag: string): boolean {
  return (headers["if-none-match"] ?? "").split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
