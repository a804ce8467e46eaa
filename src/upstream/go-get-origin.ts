import { type Dispatcher, request } from "undici";
import { Problem } from "../kernel/problem.ts";
import type { Clock } from "../kernel/clock.ts";
import type { GoGetOrigin } from "../ports/go-get-origin.ts";

const maxPageBytes = 1024 * 1024;
const maxRedirects = 10;

/** Fetches go-get pages over https (or the operator's URL), following at most 10 redirects, none to plain http. */
export class HttpGoGetOrigin implements GoGetOrigin {
  readonly #dispatcher: Dispatcher;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  constructor(dispatcher: Dispatcher, clock: Clock, timeoutMs: number) {
    this.#dispatcher = dispatcher;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  async page(importPath: string, url: string | null, signal: AbortSignal): Promise<Buffer> {
    const [host = "", ...path] = importPath.split("/");
    const base = url === null ? `https://${host}` : url.replace(/\/+$/, "");
    const first = `${[base, ...path].join("/")}?go-get=1`;
    const deadline = new AbortController();
    const cancel = this.#clock.after(this.#timeoutMs, () => deadline.abort());
    try {
      return await this.#follow(first, AbortSignal.any([signal, deadline.signal]));
    } catch (error) {
      if (error instanceof Problem || signal.aborted) throw error;
      const why = deadline.signal.aborted ? `no answer within ${this.#timeoutMs} ms` : String(error);
      const status = deadline.signal.aborted ? 504 : 502;
      throw new Problem("UPSTREAM_UNREACHABLE", `The origin of ${importPath} could not be asked: ${why}`, {
        status,
        cause: error,
      });
    } finally {
      cancel();
    }
  }

  async #follow(first: string, signal: AbortSignal): Promise<Buffer> {
    let url = new URL(first);
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const response = await request(url, { dispatcher: this.#dispatcher, signal });
      const { location } = response.headers;
      if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === "string") {
        await response.body.dump();
        const next = new URL(location, url);
        if (url.protocol === "https:" && next.protocol !== "https:") {
          throw new Problem(
            "UPSTREAM_UNREACHABLE",
            `${url.host} redirects from https to ${next.protocol}//${next.host}`,
          );
        }
        url = next;
        continue;
      }
      return await readPage(url, response.statusCode, response.body);
    }
    throw new Problem("UPSTREAM_UNREACHABLE", `${first} redirects more than ${maxRedirects} times`);
  }
}

async function readPage(url: URL, status: number, body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxPageBytes)
      throw new Problem("UPSTREAM_DAMAGED", `${url.host} answers a go-get page longer than 1 MiB`);
    chunks.push(chunk);
  }
  const place = `${url.host}${url.pathname}`;
  if (status === 404 || status === 410) throw new Problem("MODULE_ABSENT", `${place} answered ${status}`);
  if (status !== 200) throw new Problem("UPSTREAM_UNREACHABLE", `${place} answered ${status}`);
  return Buffer.concat(chunks);
}
