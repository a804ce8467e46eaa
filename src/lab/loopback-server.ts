import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer, type Socket } from "node:net";

/** A body that a server of the lab answers with, status 200. */
export interface LoopbackAnswer {
  readonly body: Buffer;
  readonly contentType: string;
}

/** A server of the lab on 127.0.0.1, or a port there that refuses every connection. */
export interface LoopbackServer extends AsyncDisposable {
  /** As the environment of go has it: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Paths asked for so far, in order; always empty where connections are refused. */
  readonly requests: readonly string[];
}

/** Listens on a free port and answers what `answer` gives for the path, 404 where it gives null. */
export async function openLoopback(answer: (path: string) => LoopbackAnswer | null): Promise<LoopbackServer> {
  const requests: string[] = [];
  const server = createServer((request, reply) => {
    const path = new URL(request.url ?? "/", "http://loopback").pathname;
    requests.push(path);
    const found = answer(path);
    if (found === null) {
      reply.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end(`not found: the lab has no ${path}\n`);
    } else {
      reply.writeHead(200, { "Content-Type": found.contentType, "Content-Length": found.body.length }).end(found.body);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    ...addressOf(server.address()),
    requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/**
 * A port of 127.0.0.1 where nobody listens. It is the near end of a connection that stays open, so the system gives it
 * to nobody else meanwhile.
 */
export async function closedLoopback(): Promise<LoopbackServer> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const address = server.address();
  const near = connect(address !== null && typeof address === "object" ? address.port : 0, "127.0.0.1");
  const [[far]] = await Promise.all([accepted, once(near, "connect")]);
  server.close();
  return {
    ...addressOf(near.address()),
    requests: [],
    async [Symbol.asyncDispose]() {
      near.destroy();
      far.destroy();
    },
  };
}

/** Where a server of 127.0.0.1 listens. */
export function addressOf(address: object | string | null): { url: string; host: string } {
  if (address === null || typeof address === "string" || !("port" in address)) {
    throw new Error("The system gave the lab no port of 127.0.0.1");
  }
  const host = `127.0.0.1:${String(address.port)}`;
  return { url: `http://${host}`, host };
}
