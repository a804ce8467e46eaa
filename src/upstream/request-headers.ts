import type { UpstreamConfig } from "../config/config.ts";
import type { UpstreamAsk } from "../ports/upstream.ts";
import { isOwnVia, ownVia } from "./loop.ts";
import { mayCarryCredentials } from "./loopback.ts";

export interface Identity {
  /** This gateway, in Via. */
  readonly selfId: string;
  readonly userAgent: string;
}

/**
 * The headers of a request to the upstream's own host: those of the ask, then the operator's, Authorization
 * from the client where it is forwarded, else from the URL, and only over TLS or to this machine.
 */
export function homeHeaders(ask: UpstreamAsk, upstream: UpstreamConfig, identity: Identity): Record<string, string> {
  const url = new URL(upstream.url);
  const headers: Record<string, string> = { ...ask.headers, ...awayHeaders(ask, identity) };
  if (mayCarryCredentials(url)) {
    const own = basicFrom(url);
    if (own !== null) headers["authorization"] = own;
  }
  for (const [name, value] of Object.entries(upstream.headers)) headers[name] = value;
  if (upstream.forwardAuthorization && ask.authorization !== null && mayCarryCredentials(url)) {
    headers["authorization"] = ask.authorization;
  }
  return headers;
}

/** The headers of a request to a host that the upstream redirects to: nothing secret, nothing of the client's. */
export function awayHeaders(ask: UpstreamAsk, identity: Identity): Record<string, string> {
  const via = ask.headers["via"] ?? "";
  const headers: Record<string, string> = {
    "user-agent": identity.userAgent,
    "accept-encoding": "identity",
    via: isOwnVia(via, identity.selfId) ? via : [via, ownVia(identity.selfId)].filter((hop) => hop !== "").join(", "),
  };
  if (ask.etag !== null) headers["if-none-match"] = ask.etag;
  if (ask.lastModified !== null) headers["if-modified-since"] = ask.lastModified;
  return headers;
}

function basicFrom(url: URL): string | null {
  if (url.username === "" && url.password === "") return null;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}
