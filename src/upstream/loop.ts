import type { Listener, UpstreamConfig } from "../config/config.ts";
import { isLoopbackHost } from "./loopback.ts";

/** Header of the answer to a request that came back to its own gateway; its value is the gateway's id. */
export const loopHeader = "x-modgate-loop";

/** What this gateway writes into Via. `selfId` is one token, the same for all processes of one gateway. */
export function ownVia(selfId: string): string {
  return `1.1 modgate-${selfId}`;
}

/**
 * True where the Via header of an incoming request says that it has passed this gateway before. Answer it
 * with UPSTREAM_LOOP, status 508 and `loopHeader`. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.3
 */
export function isOwnVia(header: string | null | undefined, selfId: string): boolean {
  const own = `modgate-${selfId}`;
  return (header ?? "").split(",").some((hop) => hop.trim().split(/\s+/)[1] === own);
}

/** True where the request has passed any modgate before. */
export function isFromGateway(header: string | null | undefined): boolean {
  return (header ?? "").split(",").some((hop) => hop.trim().split(/\s+/)[1]?.startsWith("modgate-") === true);
}

/** What the machine knows of names and of itself. */
export interface NameService {
  /** Addresses of a host; empty or a rejection where it has none. */
  resolve(host: string): Promise<readonly string[]>;
  /** Addresses of this machine's interfaces. */
  localAddresses(): readonly string[];
}

export interface Loop {
  readonly upstream: string;
  /** The listener that it leads to, host:port. */
  readonly address: string;
}

/**
 * The first upstream whose URL leads to one of our own listeners (`host:port` as bound, wildcard addresses
 * and names included), null where none does. What cannot be resolved leads nowhere; a unix listener cannot
 * be an upstream.
 */
export async function findLoop(
  upstreams: readonly Pick<UpstreamConfig, "name" | "url">[],
  listeners: readonly Listener[],
  names: NameService,
): Promise<Loop | null> {
  for (const upstream of upstreams) {
    const url = URL.parse(upstream.url);
    if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) continue;
    const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
    for (const { address } of listeners) {
      const bound = splitAddress(address);
      if (bound?.port === port && (await leadsTo(url.hostname, bound.host, names))) {
        return { upstream: upstream.name, address };
      }
    }
  }
  return null;
}

async function leadsTo(host: string, bound: string, names: NameService): Promise<boolean> {
  const targets = await addressesOf(host, names);
  const own = isWildcard(bound) ? null : new Set(await addressesOf(bound, names));
  const local = new Set(names.localAddresses().map(canonical));
  return targets.some(
    (address) => own?.has(address) ?? (isLoopbackHost(address) || isWildcard(address) || local.has(address)),
  );
}

async function addressesOf(host: string, names: NameService): Promise<string[]> {
  const bare = canonical(host);
  if (/^[\d.]+$/.test(bare) || bare.includes(":")) return isWildcard(bare) ? ["127.0.0.1", "::1", bare] : [bare];
  if (isLoopbackHost(bare)) return ["127.0.0.1", "::1"];
  const found = await names.resolve(bare).catch(() => []);
  return found.map(canonical);
}

function isWildcard(host: string): boolean {
  return host === "" || host === "*" || host === "0.0.0.0" || host === "::";
}

function splitAddress(address: string): { host: string; port: string } | null {
  const parts = /^(?:tcp:\/\/)?(\[[^\]]*\]|[^:]*):(\d+)$/.exec(address);
  return parts ? { host: canonical(parts[1] ?? ""), port: parts[2] ?? "" } : null;
}

function canonical(host: string): string {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return bare.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, "");
}
