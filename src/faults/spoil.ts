import type { ServerResponse } from "node:http";
import type { FaultKind } from "./fault.ts";

/** The right answer, whole. */
export interface RightAnswer {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

const loginPage =
  '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form action="/login">Sign in to go on</form></body></html>\n';

/**
 * Answers as the faults want it; the latency has passed already. Several are applied in one: a status with a
 * truncated body is both. `path` tells zips from the rest.
 */
export function answerSpoilt(
  response: ServerResponse,
  right: RightAnswer,
  { faults, path }: { readonly faults: readonly FaultKind[]; readonly path: string },
): void {
  let { status, body } = right;
  let headers = withoutFraming(right.headers);
  let bytes: number | null = null;
  for (const fault of faults) {
    switch (fault.kind) {
      case "reset":
        response.socket?.resetAndDestroy();
        return;
      case "status":
        status = fault.status;
        body = Buffer.from(`fault: status ${status}\n`);
        headers = ["Content-Type", "text/plain; charset=utf-8"];
        break;
      case "html-200":
        status = 200;
        body = Buffer.from(loginPage);
        headers = ["Content-Type", "text/html; charset=utf-8"];
        break;
      case "bad-zip":
        if (path.endsWith(".zip")) body = flipped(body);
        break;
      case "truncate":
        bytes = Math.min(body.length, fault.bytes ?? Math.floor(body.length / 2));
        break;
      case "stall":
        response.writeHead(status, [...headers, "Content-Length", String(body.length)]);
        response.flushHeaders();
        return;
      default:
        break;
    }
  }
  response.writeHead(status, [...headers, "Content-Length", String(body.length)]);
  if (bytes === null) {
    response.end(body);
    return;
  }
  // The connection ends where the client still waits for the rest.
  response.write(body.subarray(0, bytes), () => response.socket?.end());
}

/** One bit of the middle is another. */
function flipped(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  const middle = copy.length >> 1;
  if (copy.length > 0) copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}

function withoutFraming(headers: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? "";
    if (/^(?:content-length|transfer-encoding|connection|keep-alive)$/i.test(name)) continue;
    kept.push(name, headers[index + 1] ?? "");
  }
  return kept;
}
