import type { Problem } from "../kernel/problem.ts";
import type { Exchange } from "../ports/exchange.ts";
import type { Artifact, Ask, Reply, Sent } from "../ports/ask.ts";

/** What a request without a socket came to. */
export interface InProcessAnswer {
  readonly exchange: Exchange;
  /** Null where it was refused. */
  readonly artifact: Artifact | null;
  readonly problem: Problem | null;
}

interface Server {
  serve(ask: Ask, reply: Reply): Promise<Exchange>;
}

/**
 * Sends GET `path` down the straight line without a listener: for smoke tests, prefetching and explain. The
 * body is not read; the artifact's file can be.
 */
export async function askInProcess(server: Server, path: string, signal: AbortSignal): Promise<InProcessAnswer> {
  let artifact: Artifact | null = null;
  let problem: Problem | null = null;
  const reply: Reply = {
    send(given): Sent {
      artifact = given;
      return { status: 200, bytes: 0 };
    },
    refuse(given): Sent {
      problem = given;
      return { status: given.status, bytes: 0 };
    },
  };
  const exchange = await server.serve(inProcessAsk(path, signal), reply);
  return { exchange, artifact, problem };
}

/** GET `path` as a request of this process itself. */
export function inProcessAsk(path: string, signal: AbortSignal): Ask {
  const mark = path.indexOf("?");
  return {
    method: "GET",
    path: mark < 0 ? path : path.slice(0, mark),
    query: mark < 0 ? "" : path.slice(mark + 1),
    client: "in-process",
    header: (name) => (name === "user-agent" ? "modgate" : undefined),
    signal,
  };
}
