import { BlockList, isIP } from "node:net";
import { isLoopbackHost } from "./loopback.ts";

/** HTTP_PROXY, HTTPS_PROXY and NO_PROXY as the environment has them; null where not set. */
export interface ProxyEnvironment {
  readonly httpProxy: string | null;
  readonly httpsProxy: string | null;
  readonly noProxy: string | null;
}

/**
 * The HTTP proxy to go through for the URL, null for none, as `go` chooses it (GO-FACTS F.3): localhost and
 * loopback addresses never; NO_PROXY holds `*`, hosts with their subdomains, `.suffix`, addresses, networks
 * as 10.0.0.0/8, each with `:port` or without. A proxy without scheme is an http: one.
 * https://pkg.go.dev/golang.org/x/net/http/httpproxy
 */
export function proxyFor(url: URL, environment: ProxyEnvironment): string | null {
  const proxy = (url.protocol === "https:" ? environment.httpsProxy : environment.httpProxy)?.trim() ?? "";
  if (proxy === "") return null;
  const host = bare(url.hostname);
  if (isLoopbackHost(host)) return null;
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  const isExempt = (environment.noProxy ?? "")
    .split(",")
    .some((entry) => exempts(entry.trim().toLowerCase(), host, port));
  if (isExempt) return null;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

function exempts(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  if (entry.includes("/")) return isInNetwork(entry, host);
  const withPort = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry);
  if (withPort && withPort[2] !== port) return false;
  const name = bare(withPort?.[1] ?? entry);
  if (isIP(name)) return name === host;
  const suffix = name.startsWith("*.") ? name.slice(1) : name;
  if (suffix.startsWith(".")) return host.endsWith(suffix);
  return host === suffix || host.endsWith(`.${suffix}`);
}

function isInNetwork(network: string, host: string): boolean {
  const family = isIP(host);
  const [address = "", bits = ""] = network.split("/");
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return list.check(host, family === 4 ? "ipv4" : "ipv6");
}

function bare(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host.toLowerCase();
}
