import type { Server, Socket } from "node:net";
import type { Clock } from "../kernel/clock.ts";
import { LaneConnection } from "./lane-connection.ts";
import type { RequestHead } from "./request-head.ts";

interface FastLaneParts {
  /** As LaneParts.answer. */
  readonly answer: (head: RequestHead, connection: LaneConnection) => boolean;
  readonly isDraining: () => boolean;
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
}

/** What a shutdown needs to know of the connections that node:http has never seen. */
export interface FastLane {
  /** Ends the connections on which nothing is asked, the others with their answer. */
  closeIdleConnections(): void;
  closeAllConnections(): void;
}

/**
 * Lets plain GET and HEAD requests of an http or https server pass node:http by, which costs as much CPU as the rest
 * of a hot answer. Its own listener stays the judge of everything else: a connection goes to it with the first
 * request that is not plain, and stays with it. To be called before the server listens.
 */
export function openFastLane(server: Server, event: "connection" | "secureConnection", parts: FastLaneParts): FastLane {
  const listeners = server.listeners(event);
  const connections = new Set<LaneConnection>();
  let second = -1;
  let date = "";
  const laneParts = {
    answer: parts.answer,
    isDraining: parts.isDraining,
    idleTimeoutMs: parts.idleTimeoutMs,
    onClose: (connection: LaneConnection) => void connections.delete(connection),
    handOver: (socket: Socket) => {
      for (const listener of listeners) listener.call(server, socket);
    },
    httpDate: () => {
      const now = Math.floor(parts.clock.now() / 1000);
      if (now !== second) {
        second = now;
        date = new Date(now * 1000).toUTCString();
      }
      return date;
    },
  };
  server.removeAllListeners(event);
  server.on(event, (socket: Socket) => {
    connections.add(new LaneConnection(socket, laneParts));
  });
  return {
    closeIdleConnections() {
      for (const connection of connections) connection.closeWhenIdle();
    },
    closeAllConnections() {
      for (const connection of connections) connection.destroy();
    },
  };
}
