import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { parseListenAddress } from "../config/listen-address.ts";

/**
 * Finds the ports that several processes are each going to open for themselves (SO_REUSEPORT), so that the kernel
 * spreads connections and none passes through another process. Gives the addresses with the port in place of 0, in
 * their order. Rejects with node's own error where one is in use: a process that shares its port would not notice.
 * Null where the system can't share ports; the cluster module then hands connections over one by one.
 */
export async function claimAddresses(addresses: readonly string[], platform: string): Promise<string[] | null> {
  if (platform !== "linux") return null;
  const claims: Server[] = [];
  try {
    const claimed: string[] = [];
    for (const address of addresses) {
      const parsed = parseListenAddress(address);
      if (parsed === null || parsed.kind === "unix") {
        claimed.push(address);
        continue;
      }
      const server = createServer().listen({ host: parsed.host, port: parsed.port, exclusive: true });
      claims.push(server);
      await once(server, "listening");
      const bound = server.address();
      const port = bound !== null && typeof bound === "object" ? bound.port : parsed.port;
      claimed.push(address.replace(/\d+$/, String(port)));
    }
    return claimed;
  } finally {
    await Promise.all(claims.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}
