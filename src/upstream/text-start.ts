import type { Clock } from "../kernel/clock.ts";
import type { CallReply, Headers } from "./http-call.ts";
import { oneLine } from "./mask.ts";

// Enough for what a server says about a failure; more is not worth waiting for to reuse the connection.
const maxBytes = 16 * 1024;
const maxLineLength = 120;
const patienceMs = 1000;

/** First value of a header, null where it is missing. */
export function headerOf(headers: Headers, name: string): string | null {
  const value = headers[name];
  return (typeof value === "string" ? value : value?.[0]) ?? null;
}

/** True for text/html and application/xhtml+xml. */
export function isHtml(contentType: string | null): boolean {
  return /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? "");
}

/**
 * Reads the start of a body that is not wanted, so that its connection can serve the next request, and
 * gives the first line of plain text or the title of a page, "" where neither is there or it is long.
 */
export async function readStart(reply: CallReply, clock: Clock): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const stopTimer = clock.after(patienceMs, () => reply.cancel());
  try {
    for await (const chunk of reply.chunks) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) break;
    }
  } catch {
    // The status has said what matters; the text only decorates it.
  } finally {
    stopTimer();
  }
  if (headerOf(reply.headers, "content-encoding") !== null) return "";
  const text = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, maxBytes));
  const contentType = headerOf(reply.headers, "content-type");
  if (isHtml(contentType)) return short(/<title[^>]*>([^<]*)/i.exec(text)?.[1] ?? "");
  if (!/^\s*text\/plain\b/i.test(contentType ?? "")) return "";
  return short(text.trimStart().split("\n", 1)[0] ?? "");
}

function short(text: string): string {
  const line = oneLine(text.replace(/\s+/g, " "), maxLineLength + 1).replaceAll('"', "'");
  return line.length > maxLineLength ? "" : line;
}
