import type { Dispatcher } from "undici";
import type { Clock } from "../kernel/clock.ts";
import { TimeUp } from "./time-up.ts";

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface CallLimits {
  readonly clock: Clock;
  readonly connectMs: number;
  readonly headersMs: number;
  readonly idleMs: number;
}

/** The head of an answer, and its body as it comes. */
export interface CallReply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** Throws what broke the body off, a TimeUp or the signal's reason; leaving early cancels the call. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Resolves when nothing more comes over the wire. */
  readonly done: Promise<void>;
  cancel(): void;
}

// More than this unread and the connection is told to wait.
const maxQueuedBytes = 256 * 1024;

/**
 * Sends one GET. Rejects with node's or undici's error, a TimeUp, or the signal's reason; the connection is
 * given up where one of the last two ends the call.
 */
export function callHttp(
  dispatcher: Dispatcher,
  target: { readonly url: URL; readonly headers: Readonly<Record<string, string>> },
  limits: CallLimits & { readonly signal: AbortSignal },
): Promise<CallReply> {
  const call = new HttpCall(limits);
  const { url, headers } = target;
  dispatcher.dispatch(
    {
      origin: url.origin,
      path: url.pathname + url.search,
      method: "GET",
      headers,
      // The limits run on our own clock.
      headersTimeout: 0,
      bodyTimeout: 0,
    },
    call,
  );
  return call.reply;
}

class HttpCall implements Dispatcher.DispatchHandler {
  readonly reply: Promise<CallReply>;
  readonly #limits: CallLimits & { readonly signal: AbortSignal };
  readonly #done = Promise.withResolvers<void>();
  readonly #head = Promise.withResolvers<CallReply>();
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #controller: Dispatcher.DispatchController | null = null;
  #isOver = false;
  #error: unknown = null;
  #wake: (() => void) | null = null;
  #stopTimer: () => void;

  constructor(limits: CallLimits & { readonly signal: AbortSignal }) {
    this.#limits = limits;
    this.reply = this.#head.promise;
    this.#stopTimer = this.#limit("no connection", limits.connectMs);
    if (limits.signal.aborted) this.#onAbort();
    else limits.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) {
      controller.abort(toError(this.#error));
      return;
    }
    this.#stopTimer();
    this.#stopTimer = this.#limit("no answer", this.#limits.headersMs);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Headers,
    statusText?: string,
  ): void {
    if (status < 200) return;
    this.#stopTimer();
    this.#head.resolve({
      status,
      statusText: statusText ?? "",
      headers,
      chunks: this.#chunks(),
      done: this.#done.promise,
      cancel: () => this.#fail(new Error("cancelled")),
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes > maxQueuedBytes) controller.pause();
    this.#wake?.();
  }

  onResponseEnd(): void {
    this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(isConnectTimeout(error) ? new TimeUp("no connection", this.#limits.connectMs) : error);
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#queue.shift();
        if (chunk) {
          this.#queuedBytes -= chunk.length;
          if (this.#queuedBytes <= maxQueuedBytes && this.#controller?.paused) this.#controller.resume();
          yield chunk;
        } else if (this.#isOver) {
          if (this.#error !== null) throw this.#error;
          return;
        } else {
          await this.#more();
        }
      }
    } finally {
      this.#fail(new Error("cancelled"));
    }
  }

  async #more(): Promise<void> {
    const stopTimer = this.#limit("no further byte of the body", this.#limits.idleMs);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
    stopTimer();
  }

  readonly #onAbort = (): void => this.#fail(this.#limits.signal.reason);

  #limit(what: string, ms: number): () => void {
    return this.#limits.clock.after(ms, () => this.#fail(new TimeUp(what, ms)));
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#error = error;
    this.#finish();
    this.#controller?.abort(toError(error));
    this.#head.reject(error);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTimer();
    this.#limits.signal.removeEventListener("abort", this.#onAbort);
    this.#done.resolve();
    this.#wake?.();
  }
}

// The dispatcher's own timer has the same limit, and may be the first of the two.
function isConnectTimeout(error: Error): boolean {
  return "code" in error && error.code === "UND_ERR_CONNECT_TIMEOUT";
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}
