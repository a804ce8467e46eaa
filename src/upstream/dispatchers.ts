import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { Agent, ProxyAgent, type Dispatcher } from "undici";
import type { UpstreamConfig } from "../config/config.ts";
import { Problem } from "../kernel/problem.ts";
import type { Disk } from "../ports/disk.ts";
import { proxyFor, type ProxyEnvironment } from "./proxy-choice.ts";

/** The connections of one upstream: kept alive, one request each over HTTP/1.1, many over HTTP/2. */
export interface Dispatchers {
  /**
   * Where to send a request for the URL. Only `home`, the upstream's own host, sees the client certificate;
   * hosts that it redirects to do not.
   */
  choose(url: URL, isHome: boolean): Dispatcher;
  /** Connections made so far; null where that is not known (through an HTTP proxy). */
  connectionsMade(dispatcher: Dispatcher): number | null;
  close(): Promise<void>;
}

type TlsFiles = Pick<UpstreamConfig, "name" | "caFile" | "certFile" | "keyFile">;

/** Reads the certificates and makes the connections' settings; CONFIG_INVALID where a PEM file is no good. */
export async function createDispatchers(
  config: UpstreamConfig,
  disk: Pick<Disk, "readFile">,
  proxies: ProxyEnvironment,
): Promise<Dispatchers> {
  const home = await secureContextOf(config, disk);
  const away =
    config.certFile === null ? home : await secureContextOf({ ...config, certFile: null, keyFile: null }, disk);
  const made = new Map<string, Dispatcher>();
  const connections = new WeakMap<Dispatcher, number>();

  const create = (proxy: string | null, secureContext: SecureContext | undefined): Dispatcher => {
    const tls = secureContext ? { secureContext } : {};
    const settings = {
      allowH2: config.http2,
      connections: config.connections,
      // Longer than most servers hold on, so that the server's own hint decides.
      keepAliveTimeout: 30_000,
      // The call's own limit ends the wait; this one frees the socket behind it.
      connectTimeout: config.timeouts.connectMs,
    };
    if (proxy !== null) {
      const requestTls = { ...tls, allowH2: config.http2, preferH2: config.http2 };
      return new ProxyAgent({ ...settings, uri: proxy, requestTls, proxyTls: away ? { secureContext: away } : {} });
    }
    const agent = new Agent({ ...settings, connect: { ...tls, preferH2: config.http2 } });
    connections.set(agent, 0);
    agent.on("connect", () => connections.set(agent, (connections.get(agent) ?? 0) + 1));
    return agent;
  };

  return {
    choose(url, isHome) {
      const proxy = config.proxy === "none" ? null : (config.proxy ?? proxyFor(url, proxies));
      const key = `${isHome ? "home" : "away"} ${proxy ?? ""}`;
      const dispatcher = made.get(key) ?? create(proxy, isHome ? home : away);
      made.set(key, dispatcher);
      return dispatcher;
    },
    connectionsMade: (dispatcher) => connections.get(dispatcher) ?? null,
    async close() {
      await Promise.all([...made.values()].map((dispatcher) => dispatcher.close()));
    },
  };
}

// One context for all connections: reading all roots anew for each costs milliseconds.
async function secureContextOf(files: TlsFiles, disk: Pick<Disk, "readFile">): Promise<SecureContext | undefined> {
  if (files.caFile === null && files.certFile === null) return undefined;
  const ca =
    files.caFile === null ? undefined : [...getCACertificates("default"), await readPem(files, files.caFile, disk)];
  const cert = files.certFile === null ? undefined : await readPem(files, files.certFile, disk);
  const key = files.keyFile === null ? cert : await readPem(files, files.keyFile, disk);
  try {
    return createSecureContext({ ca, cert, key });
  } catch (error) {
    const named = [files.caFile, files.certFile, files.keyFile].filter((file) => file !== null).join('", "');
    throw new Problem(
      "CONFIG_INVALID",
      `Cannot use the certificates "${named}" of upstream "${files.name}": ${reasonOf(error)}`,
      {
        hint: "give PEM files: caFile with certificates, certFile and keyFile that belong together",
        cause: error,
      },
    );
  }
}

async function readPem(files: TlsFiles, path: string, disk: Pick<Disk, "readFile">): Promise<Buffer> {
  const bytes = await disk.readFile(path).catch((error: unknown) => {
    throw new Problem("CONFIG_INVALID", `Cannot read "${path}" of upstream "${files.name}": ${reasonOf(error)}`, {
      cause: error,
    });
  });
  // Without this a file of anything else would silently add nothing to the roots.
  if (!bytes.includes("-----BEGIN ")) {
    throw new Problem("CONFIG_INVALID", `Cannot use "${path}" of upstream "${files.name}": it is no PEM file`);
  }
  return bytes;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
