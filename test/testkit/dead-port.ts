import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

const held: Socket[] = [];

/**
 * A port of 127.0.0.1 where nobody listens, and nobody will while this process lives: it is the near end of an
 * open connection, so no other test is given it.
 */
export async function deadPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port");
  const near = connect(address.port, "127.0.0.1");
  const [[far]] = (await Promise.all([once(server, "connection"), once(near, "connect")])) as [[Socket], unknown];
  held.push(near.unref(), far.unref());
  server.close();
  if (near.localPort === undefined) throw new Error("No port");
  return near.localPort;
}
