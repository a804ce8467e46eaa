/** Where the gateway listens. */
export type ListenAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Reads `host:port`, `[ipv6]:port`, `:port` (every interface) or `unix:/path`; null where the text is none of them. */
export function parseListenAddress(text: string): ListenAddress | null {
  if (text.startsWith("unix:")) return /^unix:\/[^\0]+$/.test(text) ? { kind: "unix", path: text.slice(5) } : null;
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9][A-Za-z0-9._-]*)|):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return null;
  return { kind: "tcp", host: match[1] ?? match[2] ?? "::", port };
}
