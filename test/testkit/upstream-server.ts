import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  createServer as createHttpServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { applyFault, finish, isUnchanged, matchesGlob, type FaultRule, type RightAnswer } from "./fault.ts";
import type { ModuleTree, TreeAnswer } from "./module-tree.ts";

/** A request as the upstream saw it. */
export interface SeenRequest {
  readonly method: string;
  /** Percent-decoded, without query. */
  readonly path: string;
  /** As it came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly atMs: number;
  /** Number of the connection, from 1. */
  readonly connection: number;
  /** True once the client has gone before the answer was whole. */
  aborted: boolean;
}

/** Holds matching answers back until release(). */
export interface Gate {
  /** How many requests wait here now. */
  readonly waiting: number;
  /** Resolves as soon as this many have arrived in all. */
  arrived(count?: number): Promise<void>;
  /** Lets those that wait and all later ones through. */
  release(): void;
}

/** A part of the upstream that answers what the tree does not, such as a checksum database. */
export interface Responder {
  /** Null: not mine. A checksum database answers below its own prefix. */
  answer(path: string): TreeAnswer | null;
}

export interface UpstreamOptions {
  readonly tree?: ModuleTree;
  readonly responders?: readonly Responder[];
  /** Named in the bodies of faults. */
  readonly name?: string;
  /** https with this certificate; HTTP/2 too where `http2` is set. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string; readonly requestCert?: boolean };
  readonly http2?: boolean;
  /** ETag and 304; on unless false. */
  readonly etags?: boolean;
  /** Basic authentication every request must carry, else 401. */
  readonly authorization?: string;
}

/** A module proxy on loopback that records what it is asked and fails on demand. */
export class UpstreamServer implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  readonly url: string;
  readonly port: number;
  tree: ModuleTree | null;
  #server: Server;
  #options: UpstreamOptions;
  #rules: { rule: FaultRule; seen: number }[] = [];
  #gates: { match: string; enter: () => Promise<void> }[] = [];
  // TCP connections by the client's port: behind TLS a request knows only that of them.
  #sockets = new Map<number, { socket: Socket; number: number }>();
  #connections = 0;

  private constructor(server: Server, port: number, options: UpstreamOptions) {
    this.#server = server;
    this.#options = options;
    this.port = port;
    this.tree = options.tree ?? null;
    this.url = `${options.tls ? "https" : "http"}://127.0.0.1:${port}`;
    server.on("connection", (socket: Socket) => {
      const clientPort = socket.remotePort ?? 0;
      this.#sockets.set(clientPort, { socket, number: ++this.#connections });
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.#sockets.delete(clientPort));
    });
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      void this.#handle(request, response);
    });
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: UpstreamOptions = {}): Promise<UpstreamServer> {
    const server = makeServer(options);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The upstream has no port");
    return new UpstreamServer(server, address.port, options);
  }

  /** Adds a fault; the answer takes it away again. The first rule that fits a request is used. */
  fail(rule: FaultRule): () => void {
    const entry = { rule, seen: 0 };
    this.#rules.push(entry);
    return () => {
      this.#rules = this.#rules.filter((other) => other !== entry);
    };
  }

  /** Holds the answers of matching requests back. */
  hold(match: string): Gate {
    const opened = Promise.withResolvers<void>();
    let waiting = 0;
    let arrivals = 0;
    const waiters: { count: number; resolve: () => void }[] = [];
    const gate = {
      match,
      async enter(): Promise<void> {
        waiting++;
        arrivals++;
        for (const waiter of waiters) if (arrivals >= waiter.count) waiter.resolve();
        await opened.promise;
        waiting--;
      },
    };
    this.#gates.push(gate);
    return {
      get waiting() {
        return waiting;
      },
      arrived: (count = 1) =>
        new Promise((resolve) => {
          if (arrivals >= count) resolve();
          else waiters.push({ count, resolve });
        }),
      release: () => {
        this.#gates = this.#gates.filter((other) => other !== gate);
        opened.resolve();
      },
    };
  }

  /** Forgets faults and requests; gates stay. */
  reset(): void {
    this.#rules = [];
    this.requests.length = 0;
  }

  /** How many requests with a path that fits the glob came in. */
  hits(match = "*"): number {
    return this.requests.filter((seen) => matchesGlob(match, seen.path)).length;
  }

  /** How many connections were made in all. */
  get connections(): number {
    return this.#connections;
  }

  /** How many connections are open. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Resets every open connection, as a dying machine does. */
  dropConnections(): void {
    for (const { socket } of this.#sockets.values()) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const { socket } of this.#sockets.values()) socket.destroy();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? "/";
    const path = decode(url.split("?")[0] ?? "/");
    const tcp = this.#sockets.get(request.socket.remotePort ?? 0);
    const seen: SeenRequest = {
      method: request.method ?? "GET",
      path,
      url,
      headers: request.headers,
      atMs: Date.now(),
      connection: tcp?.number ?? 0,
      aborted: false,
    };
    this.requests.push(seen);
    response.on("error", () => response.destroy());
    response.on("close", () => {
      seen.aborted = !response.writableFinished;
    });
    for (const gate of this.#gates) if (matchesGlob(gate.match, path)) await gate.enter();
    const right = this.#rightAnswer(request, path);
    const exchange = {
      request,
      response,
      right,
      tcp: tcp?.socket ?? request.socket,
      serverName: this.#options.name ?? "P1",
    };
    const rule = this.#ruleFor(path);
    if (rule) applyFault(rule.fault, exchange);
    else finish(exchange, right);
  }

  #ruleFor(path: string): FaultRule | null {
    for (const entry of this.#rules) {
      if (!matchesGlob(entry.rule.match, path)) continue;
      entry.seen++;
      const skip = entry.rule.skip ?? 0;
      if (entry.seen > skip && entry.seen <= skip + (entry.rule.times ?? Infinity)) return entry.rule;
    }
    return null;
  }

  #rightAnswer(request: IncomingMessage, path: string): RightAnswer {
    const { authorization, etags } = this.#options;
    if (authorization !== undefined && request.headers.authorization !== authorization) {
      const headers = { ...plain, "www-authenticate": 'Basic realm="modules"' };
      return { status: 401, headers, body: Buffer.from("unauthorized\n") };
    }
    const found = this.tree?.answer(path) ?? firstOf(this.#options.responders ?? [], path);
    if (!found) return { status: 404, headers: plain, body: Buffer.from(`not found: ${path.split("/").at(-1)}\n`) };
    const status = found.status ?? 200;
    const headers: Record<string, string> = { "content-type": found.contentType };
    if (status === 200 && etags !== false) {
      headers["etag"] = `"${createHash("sha256").update(found.body).digest("base64url").slice(0, 20)}"`;
      if (isUnchanged(request.headers, headers["etag"])) return { status: 304, headers, body: Buffer.alloc(0) };
    }
    return { status, headers, body: found.body };
  }
}

const plain = { "content-type": "text/plain; charset=utf-8" };

function makeServer(options: UpstreamOptions): Server {
  if (!options.tls) return createHttpServer();
  const { cert, key, ca, requestCert = false } = options.tls;
  const tls = { cert, key, ca, requestCert, rejectUnauthorized: requestCert };
  if (!options.http2) return createHttpsServer(tls);
  // The compatibility layer of http2 gives the same request and response objects for what is used here.
  return createSecureServer({ ...tls, allowHTTP1: true }) as unknown as Server;
}

function firstOf(responders: readonly Responder[], path: string): TreeAnswer | null {
  for (const responder of responders) {
    const answer = responder.answer(path);
    if (answer) return answer;
  }
  return null;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
