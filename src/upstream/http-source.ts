import type { UpstreamConfig } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";
import type { UpstreamAsk } from "../ports/upstream.ts";
import { failed, type Answer, type Source } from "./answer.ts";
import type { Dispatchers } from "./dispatchers.ts";
import { failure, type Failure } from "./failure.ts";
import { foundAnswer } from "./found-answer.ts";
import { callHttp, type CallReply } from "./http-call.ts";
import { loopHeader } from "./loop.ts";
import { maskUrl } from "./mask.ts";
import { awayHeaders, homeHeaders, type Identity } from "./request-headers.ts";
import { parseRetryAfter } from "./retry-wait.ts";
import { describe, statusFailure } from "./status-failure.ts";
import { headerOf, isHtml, readStart } from "./text-start.ts";
import { TimeUp } from "./time-up.ts";
import { codeOf, transportFailure } from "./transport-failure.ts";

interface Parts {
  readonly config: UpstreamConfig;
  readonly dispatchers: Dispatchers;
  readonly clock: Clock;
  readonly identity: Identity;
}

interface Hop {
  readonly url: URL;
  readonly isHome: boolean;
}

// As many as go follows (GO-FACTS A.2).
const maxRedirects = 10;
const redirects = new Set([301, 302, 303, 307, 308]);

/** A module proxy over http: or https:. */
export class HttpSource implements Source {
  readonly host: string;
  readonly isOneHost = true;
  readonly #parts: Parts;
  readonly #base: URL;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#base = new URL(parts.config.url);
    this.#base.hash = "";
    this.host = this.#base.host;
  }

  serves(): boolean {
    return true;
  }

  async ask(ask: UpstreamAsk, signal: AbortSignal): Promise<Answer> {
    const { clock, config } = this.#parts;
    const attempt = new AbortController();
    const giveUp = (): void => attempt.abort(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    const { totalMs } = config.timeouts;
    const stopTimer = clock.after(totalMs, () => attempt.abort(new TimeUp("no whole answer", totalMs)));
    const end = (): void => {
      stopTimer();
      signal.removeEventListener("abort", giveUp);
    };
    try {
      const answer = await this.#follow(ask, attempt.signal);
      if (answer.kind === "found") void answer.done.then(end);
      else end();
      return answer;
    } catch (error) {
      end();
      if (signal.aborted) throw signal.reason;
      return failed(transportFailure(error));
    }
  }

  close(): Promise<void> {
    return this.#parts.dispatchers.close();
  }

  async #follow(ask: UpstreamAsk, signal: AbortSignal): Promise<Answer> {
    let hop: Hop = { url: this.#urlOf(ask), isHome: true };
    for (let followed = 0; ; followed++) {
      const reply = await this.#send(ask, hop, signal);
      const location = redirects.has(reply.status) ? headerOf(reply.headers, "location") : null;
      if (location === null) return this.#judge(ask, reply, signal);
      await this.#readStart(reply, signal);
      if (followed === maxRedirects) return failed(failure("unreachable", `stopped after ${maxRedirects} redirects`));
      const next = this.#next(hop, location);
      if ("kind" in next) return failed(next);
      hop = next;
    }
  }

  /** Once again at once where a connection that had been kept open turned out to be dead, as net/http does. */
  async #send(ask: UpstreamAsk, hop: Hop, signal: AbortSignal): Promise<CallReply> {
    const { clock, config, dispatchers, identity } = this.#parts;
    const { connectMs, headersMs, idleMs } = config.timeouts;
    const dispatcher = dispatchers.choose(hop.url, hop.isHome);
    const headers = hop.isHome ? homeHeaders(ask, config, identity) : awayHeaders(ask, identity);
    const limits = { clock, connectMs, headersMs, idleMs, signal };
    const before = dispatchers.connectionsMade(dispatcher);
    try {
      return await callHttp(dispatcher, { url: hop.url, headers }, limits);
    } catch (error) {
      const wasReused = before !== null && before > 0 && before === dispatchers.connectionsMade(dispatcher);
      if (!wasReused || !isCutOff(error)) throw error;
      return callHttp(dispatcher, { url: hop.url, headers }, limits);
    }
  }

  async #judge(ask: UpstreamAsk, reply: CallReply, signal: AbortSignal): Promise<Answer> {
    const { clock, config } = this.#parts;
    const { status, statusText, headers } = reply;
    const looped = headerOf(headers, loopHeader);
    if (looped !== null && status >= 500) {
      await this.#readStart(reply, signal);
      return failed(
        failure(
          "loop",
          looped === this.#parts.identity.selfId ? "leads back to this gateway" : "leads in a circle of gateways",
          { status },
        ),
      );
    }
    if (status === 304 && (ask.etag !== null || ask.lastModified !== null)) {
      await this.#readStart(reply, signal);
      return { kind: "unchanged" };
    }
    if (status !== 200) {
      const said = await this.#readStart(reply, signal);
      const retryAfterMs = parseRetryAfter(headerOf(headers, "retry-after"), clock.now());
      return failed(statusFailure({ status, statusText, said, retryAfterMs }, config));
    }
    if (ask.endpoint !== "sumdb" && isHtml(headerOf(headers, "content-type"))) {
      const said = await this.#readStart(reply, signal);
      return failed(failure("damaged", `${describe({ status, statusText, said })}, an HTML page`, { status }));
    }
    return foundAnswer(reply);
  }

  async #readStart(reply: CallReply, signal: AbortSignal): Promise<string> {
    const said = await readStart(reply, this.#parts.clock);
    signal.throwIfAborted();
    return said;
  }

  #next(from: Hop, location: string): Hop | Failure {
    const url = URL.parse(location, from.url.href);
    if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
      return failure("unreachable", `redirected to "${maskUrl(location).slice(0, 120)}", which is no http URL`);
    }
    if (from.url.protocol === "https:" && url.protocol === "http:") {
      return failure("unreachable", `redirected from https to insecure ${maskUrl(url.href).slice(0, 120)}`);
    }
    url.username = "";
    url.password = "";
    // Who has led away cannot lead back and have the credentials sent to a path of its choice.
    const isHome = from.isHome && url.host === this.#base.host && url.protocol === this.#base.protocol;
    return { url, isHome };
  }

  #urlOf(ask: UpstreamAsk): URL {
    const url = new URL(this.#base);
    url.username = "";
    url.password = "";
    const path = encodeURI(ask.path).replaceAll("?", "%3F").replaceAll("#", "%23");
    url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
    return url;
  }
}

function isCutOff(error: unknown): boolean {
  return ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"].includes(codeOf(error));
}
