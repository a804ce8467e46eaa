import cluster from "node:cluster";
import { readFileSync, rmSync, statSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener, type Server as HttpServer } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import { createConnection, type AddressInfo } from "node:net";
import { Problem } from "../kernel/problem.ts";
import { claimAddresses } from "../processes/claim-addresses.ts";
import { openAcceptors } from "./acceptors.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Config, Listener } from "../config/config.ts";
import { type FastLane, openFastLane } from "./fast-lane.ts";
import type { LaneConnection } from "./lane-connection.ts";
import type { RequestHead } from "./request-head.ts";

/** A listener that is up. */
export interface Listening {
  readonly server: HttpServer | HttpsServer;
  readonly lane: FastLane;
  /** Takes no further connection. */
  readonly stopAccepting: () => void;
  /** As a client writes it: `http://127.0.0.1:8080`, or `unix:/path`. */
  readonly url: string;
}

// Slow senders of headers lose their connection; zips may take as long as they need.
const serverOptions = {
  keepAlive: true,
  noDelay: true,
  keepAliveTimeout: 75_000,
  headersTimeout: 30_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 10_000,
  maxHeaderSize: 16_384,
};

/** What answers the requests of every listener. */
export interface Receiver {
  /** All that node:http judges. */
  readonly onRequest: RequestListener;
  /** Plain requests of the fast lane; false: node:http's after all. */
  readonly answer: (head: RequestHead, connection: LaneConnection) => boolean;
  readonly isDraining: () => boolean;
  readonly clock: Clock;
}

/**
 * Opens every listener of the configuration. CONFIG_INVALID with the mend where one can't be opened. `claimed` are
 * their addresses where other processes listen on the same ports; null where there are none.
 */
export async function listen(
  config: Config,
  receiver: Receiver,
  claimed: readonly string[] | null,
): Promise<Listening[]> {
  const up: Listening[] = [];
  const places = claimed ?? (cluster.isWorker ? null : await claim(config.listen.map(({ address }) => address)));
  try {
    for (const [index, listener] of config.listen.entries()) {
      const place = places?.[index] ?? null;
      up.push(await open(listener, receiver, { tls: config.tls, claimed: place }));
    }
  } catch (error) {
    for (const one of up) one.stopAccepting();
    throw error;
  }
  return up;
}

/** Addresses that several sockets can share, as claimAddresses gives them; CONFIG_INVALID where one is in use. */
export async function claim(addresses: readonly string[]): Promise<string[] | null> {
  try {
    return await claimAddresses(addresses, process.platform);
  } catch (error) {
    throw cannotListen(addresses.join(", "), error);
  }
}

async function open(
  listener: Listener,
  receiver: Receiver,
  { tls, claimed }: { readonly tls: Config["tls"]; readonly claimed: string | null },
): Promise<Listening> {
  const socketPath = listener.address.startsWith("unix:") ? listener.address.slice(5) : null;
  const isTls = tls !== null && socketPath === null;
  const server = isTls
    ? createHttpsServer({ ...serverOptions, ...tlsOptions(tls) }, receiver.onRequest)
    : createHttpServer(serverOptions, receiver.onRequest);
  const lane = openFastLane(server, isTls ? "secureConnection" : "connection", {
    answer: receiver.answer,
    isDraining: receiver.isDraining,
    clock: receiver.clock,
    idleTimeoutMs: serverOptions.keepAliveTimeout,
  });
  if (socketPath !== null) await removeDeadSocket(socketPath);
  const place = socketPath === null ? hostAndPort(claimed ?? listener.address) : { path: socketPath };
  const isShared = socketPath === null && claimed !== null;
  const shared = isShared ? { reusePort: true, exclusive: true } : {};
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(listener.address, error)));
    server.listen({ ...place, ...shared, backlog: 4096 }, resolve);
  });
  const closeOthers = isShared ? await openAcceptors(server, hostAndPort(claimed).host, isTls) : null;
  const stopAccepting = (): void => {
    server.close();
    closeOthers?.();
  };
  if (socketPath !== null) return { server, lane, stopAccepting, url: `unix:${socketPath}` };
  return { server, lane, stopAccepting, url: urlOf(server.address(), tls === null ? "http" : "https") };
}

function tlsOptions(tls: NonNullable<Config["tls"]>): object {
  const options = { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) };
  if (tls.clientCaFile === null) return options;
  return { ...options, ca: readFileSync(tls.clientCaFile), requestCert: true, rejectUnauthorized: true };
}

function hostAndPort(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  return { host: host === "" ? "::" : host, port: Number(address.slice(colon + 1)) };
}

function urlOf(address: AddressInfo | string | null, scheme: string): string {
  if (address === null || typeof address === "string") return String(address);
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `${scheme}://${host.replace(/^\[::\]$|^0\.0\.0\.0$/, "127.0.0.1")}:${address.port}`;
}

function cannotListen(address: string, error: unknown): Problem {
  const inUse = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  const reason = error instanceof Error ? error.message : String(error);
  return new Problem("CONFIG_INVALID", `Cannot listen on ${address}: ${inUse ? "the address is in use" : reason}`, {
    hint: inUse
      ? "stop the other program, or choose another port: modgate serve --listen 127.0.0.1:0"
      : "check --listen",
    cause: error,
  });
}

/** A socket file outlives a killed process; one that nobody answers on is removed, one that lives is kept. */
async function removeDeadSocket(path: string): Promise<void> {
  if (!statSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  const isAlive = await new Promise<boolean>((resolve) => {
    const probe = createConnection(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
  if (!isAlive) rmSync(path, { force: true });
}
