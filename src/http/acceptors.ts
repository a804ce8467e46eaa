import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import { createServer } from "node:net";

/**
 * How many sockets wait for connections on one port. Node accepts one connection a turn of its loop from each, and a
 * turn under full load answers everybody who is in already: with one socket the last of 1,000 clients that come at
 * once would wait for some 25 s (bench/RESULTS.md).
 */
const sockets = 64;

/**
 * Opens further sockets on the port of `server`, which was opened with reusePort, and gives it the connections that
 * they accept. Resolves with what closes them; rejects with node's own error, none left open.
 */
export async function openAcceptors(
  server: HttpServer | HttpsServer,
  host: string,
  isTls: boolean,
): Promise<() => void> {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("It listens on no port");
  const place = { host, port: address.port, reusePort: true, exclusive: true, backlog: 4096 };
  // As node's own http and https servers take connections.
  const options = { noDelay: true, keepAlive: true, allowHalfOpen: !isTls };
  const acceptors = Array.from({ length: sockets - 1 }, () =>
    createServer(options, (socket) => void server.emit("connection", socket)),
  );
  const close = (): void => {
    for (const acceptor of acceptors) acceptor.close();
  };
  try {
    await Promise.all(acceptors.map((acceptor) => once(acceptor.listen(place), "listening")));
    return close;
  } catch (error) {
    close();
    throw error;
  }
}
