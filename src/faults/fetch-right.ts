import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import type { RightAnswer } from "./spoil.ts";

/**
 * The target's whole answer to a request, with the client's own method, headers and body; redirects are passed on.
 * Rejects with node's error where the target cannot be asked. `path` is what follows the target's own path.
 */
export function fetchRight(
  target: URL,
  client: IncomingMessage,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<RightAnswer> {
  return new Promise((resolve, reject) => {
    const base = target.pathname.replace(/\/+$/, "");
    const headers: OutgoingHttpHeaders = { ...client.headers, host: target.host };
    if (target.username !== "") {
      const credentials = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
      headers["authorization"] = `Basic ${Buffer.from(credentials).toString("base64")}`;
    }
    const send = target.protocol === "https:" ? httpsRequest : httpRequest;
    const asked = send(
      {
        host: target.hostname.replace(/^\[|\]$/g, ""),
        port: target.port,
        path: `${base}${path}`,
        method: client.method ?? "GET",
        headers,
        signal,
      },
      (reply) => {
        const pieces: Buffer[] = [];
        reply.on("data", (piece: Buffer) => pieces.push(piece));
        reply.on("error", reject);
        reply.on("end", () => {
          resolve({ status: reply.statusCode ?? 502, headers: reply.rawHeaders, body: Buffer.concat(pieces) });
        });
      },
    );
    asked.on("error", reject);
    client.pipe(asked);
  });
}
