import { Problem } from "../kernel/problem.ts";
import type { SmokeAnswer } from "../rollout/smoke-judges.ts";

/** The base URL of a proxy, apart from what may not be printed. */
export interface ProxyBase {
  /** Without user name, password and trailing slash. */
  readonly url: string;
  /** Null where the URL names no user. */
  readonly authorization: string | null;
}

const maxAnswerBytes = 512 * 1024 * 1024;

/** Reads the URL of a proxy; USAGE where it is no http URL. */
export function parseProxyBase(text: string): ProxyBase {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new Problem("USAGE", "The URL of the proxy is no http or https URL", {
      hint: "write it as in GOPROXY: http://127.0.0.1:8080",
    });
  }
  const user = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`;
  const authorization = user === ":" ? null : `Basic ${Buffer.from(user).toString("base64")}`;
  return { url: `${url.origin}${url.pathname}`.replace(/\/+$/, ""), authorization };
}

/**
 * Asks a proxy over HTTP for a path, following redirects as `go` does. UPSTREAM_UNREACHABLE with the reason where no
 * whole answer came; UPSTREAM_DAMAGED where it is larger than 512 MiB.
 */
export function proxyRequest(base: ProxyBase, fetch: typeof globalThis.fetch) {
  return async (path: string, signal: AbortSignal): Promise<SmokeAnswer> => {
    const headers = base.authorization === null ? {} : { authorization: base.authorization };
    try {
      const response = await fetch(`${base.url}${path}`, { headers, signal });
      return { status: response.status, bytes: await bodyOf(response) };
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw new Problem("UPSTREAM_UNREACHABLE", `Cannot reach ${base.url}: ${reasonOf(error)}`, {
        cause: error,
        hint: "check the URL, and whether it runs there; modgate serve starts one",
      });
    }
  };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxAnswerBytes)
      throw new Problem("UPSTREAM_DAMAGED", `The answer is larger than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// fetch says "fetch failed" and hides why in the cause, which for a host with several addresses is a list.
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  if (error.message === "bad port")
    return "fetch connects to no such port: https://fetch.spec.whatwg.org/#port-blocking";
  // Node's advice about its own flags helps nobody here.
  const own = error.message.replace(/; if the root CA is installed locally.*$/s, "");
  return error.cause === undefined ? own : reasonOf(error.cause);
}
