import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { addressOf } from "./loopback-server.ts";

/** One request of go, as the server saw it. */
export interface SeenRequest {
  readonly path: string;
  /** Null where no answer was begun. */
  readonly status: number | null;
  /** If-None-Match or If-Modified-Since was sent. */
  readonly isConditional: boolean;
}

/** A server of the lab on 127.0.0.1 that remembers what it was asked. */
export interface Recorder extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Requests so far, in the order in which they came. */
  requests(): readonly SeenRequest[];
}

/** Listens on a port, a free one for 0, and answers by this listener. */
export async function openRecorder(listener: RequestListener, port = 0): Promise<Recorder> {
  const entries: (() => SeenRequest)[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://loopback");
    const { headers } = request;
    const isConditional = headers["if-none-match"] !== undefined || headers["if-modified-since"] !== undefined;
    entries.push(() => ({
      path: decoded(pathname),
      status: response.headersSent ? response.statusCode : null,
      isConditional,
    }));
    listener(request, response);
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    ...addressOf(server.address()),
    requests: () => entries.map((entry) => entry()),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, "close");
    },
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
