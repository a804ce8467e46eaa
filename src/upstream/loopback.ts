import { isIP } from "node:net";

/** True for localhost and the loopback addresses, with or without the brackets of a URL. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  if (isIP(name) === 4) return name.startsWith("127.");
  return name === "::1" || name.startsWith("::ffff:127.") || /^::ffff:7f[0-9a-f]{2}:/.test(name);
}

/** True where credentials may travel: over TLS, or without leaving this machine. */
export function mayCarryCredentials(url: URL): boolean {
  return url.protocol === "https:" || isLoopbackHost(url.hostname);
}
