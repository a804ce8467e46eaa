import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { parseRequestHead, type RequestHead } from "./request-head.ts";

export interface LaneParts {
  /**
   * Takes the request and answers it through the connection, now or later, with one call of send or stream.
   * False where it belongs to node:http: then nothing has been sent. Never throws.
   */
  readonly answer: (head: RequestHead, connection: LaneConnection) => boolean;
  /** Gives the socket to node:http, for the rest of its life; the bytes not yet answered come first. */
  readonly handOver: (socket: Socket) => void;
  readonly onClose: (connection: LaneConnection) => void;
  /** True from the first moment of a shutdown: each answer is then its connection's last. */
  readonly isDraining: () => boolean;
  /** The value of the Date header. */
  readonly httpDate: () => string;
  readonly idleTimeoutMs: number;
}

// A client that sends more before it has its answer waits; the kernel holds the rest.
const maxWaiting = 16_384;
// Up to here one copy is cheaper than a second buffer for the kernel.
const maxCopied = 16_384;

/**
 * One connection whose requests have all been plain so far: read, answered in their order, one at a time. The
 * first request that is not plain, and everything after it, goes to node:http.
 */
export class LaneConnection {
  readonly client: string;
  readonly #socket: Socket;
  readonly #parts: LaneParts;
  #text = "";
  #previous: RequestHead | null = null;
  #isAnswering = false;
  #isReading = false;
  // No answer after the one under way: set by a shutdown.
  #isLast = false;
  // The client has sent its last byte.
  #isEnded = false;
  #onGone: (() => void) | null = null;

  constructor(socket: Socket, parts: LaneParts) {
    this.client = socket.remoteAddress ?? "unix";
    this.#socket = socket;
    this.#parts = parts;
    socket.setTimeout(parts.idleTimeoutMs);
    socket.on("data", this.#onData).on("end", this.#onEnd).on("timeout", this.#onTimeout);
    socket.on("close", this.#onClose).on("error", ignore);
  }

  get isIdle(): boolean {
    return !this.#isAnswering && this.#text === "";
  }

  get isGone(): boolean {
    return this.#socket.destroyed;
  }

  /** Calls `run` once if the client goes away before the answer is out. One at a time; null takes it back. */
  whenGone(run: (() => void) | null): void {
    this.#onGone = run;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Sends the whole answer. `fields` are header lines, each ended by CRLF. */
  send(status: number, fields: string, body: Buffer | null): void {
    const socket = this.#socket;
    const head = this.#head(status, fields);
    if (body === null || body.length === 0) socket.write(head, "latin1");
    else if (body.length <= maxCopied) socket.write(head + body.toString("latin1"), "latin1");
    else {
      socket.cork();
      socket.write(head, "latin1");
      socket.write(body);
      socket.uncork();
    }
    this.#afterWrite();
  }

  /** Sends the whole answer, its body as latin1 text. */
  sendText(status: number, fields: string, body: string): void {
    this.#socket.write(this.#head(status, fields) + body, "latin1");
    this.#afterWrite();
  }

  #afterWrite(): void {
    const socket = this.#socket;
    // A client that asks and does not read gets no second answer into memory.
    if (socket.writableNeedDrain && !this.#isLast) socket.once("drain", this.#finish);
    else this.#finish();
  }

  /**
   * Sends an answer in chunks, the next asked for when the last is in the kernel: a chunk's memory may be used
   * again then. Gives the bytes sent; rejects with what the chunks threw, the connection cut, because the status is
   * out already. A client that goes away ends it early, without an error.
   */
  async stream(status: number, fields: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
    let sent = 0;
    try {
      this.#socket.write(this.#head(status, fields), "latin1");
      for await (const chunk of chunks) {
        if (!(await this.#written(chunk))) break;
        sent += chunk.length;
      }
    } catch (error) {
      this.#socket.destroy();
      throw error;
    }
    this.#finish();
    return sent;
  }

  /** Ends the connection now if nothing is asked, else with its answer. */
  closeWhenIdle(): void {
    this.#isLast = true;
    if (this.isIdle) this.#socket.end();
  }

  #head(status: number, fields: string): string {
    if (this.#parts.isDraining()) this.#isLast = true;
    const close = this.#isLast ? "Connection: close\r\n" : "";
    return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nDate: ${this.#parts.httpDate()}\r\n${close}${fields}\r\n`;
  }

  #written(chunk: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => this.#socket.write(chunk, (error) => resolve(!error)));
  }

  readonly #onData = (chunk: Buffer): void => {
    const text = chunk.toString("latin1");
    this.#text = this.#text === "" ? text : this.#text + text;
    if (!this.#isAnswering) this.#readOn();
    else if (this.#text.length > maxWaiting) this.#socket.pause();
  };

  #readOn(): void {
    this.#isReading = true;
    while (this.#text !== "" && !this.#isAnswering && !this.#isLast) {
      const head = parseRequestHead(this.#text, 0, this.#previous);
      if (head === null) return this.#handOver(this.#text);
      const asked = this.#text;
      this.#previous = head;
      this.#text = head.end === asked.length ? "" : asked.slice(head.end);
      this.#isAnswering = true;
      if (!this.#parts.answer(head, this)) return this.#handOver(asked);
    }
    this.#isReading = false;
  }

  readonly #finish = (): void => {
    this.#isAnswering = false;
    this.#onGone = null;
    const socket = this.#socket;
    if (this.#isLast || (this.#isEnded && this.#text === "")) {
      socket.end();
      return;
    }
    if (socket.isPaused()) socket.resume();
    if (!this.#isReading && !socket.destroyed) this.#readOn();
  };

  #handOver(text: string): void {
    const socket = this.#socket;
    socket.off("data", this.#onData).off("end", this.#onEnd).off("timeout", this.#onTimeout);
    socket.off("close", this.#onClose).off("error", ignore);
    socket.setTimeout(0);
    this.#parts.onClose(this);
    // Paused, so that node:http has its listeners up before the bytes come again.
    socket.pause();
    socket.unshift(Buffer.from(text, "latin1"));
    this.#parts.handOver(socket);
    socket.resume();
  }

  readonly #onEnd = (): void => {
    this.#isEnded = true;
    if (this.isIdle) this.#socket.end();
    // Half closed or gone, which looks the same from here: nobody else is kept waiting for it.
    else this.#tellGone();
  };

  readonly #onTimeout = (): void => {
    // While an answer is being made the client has nothing to do but wait.
    if (!this.#isAnswering || this.#socket.writableLength > 0) this.#socket.destroy();
  };

  readonly #onClose = (): void => {
    this.#parts.onClose(this);
    this.#tellGone();
  };

  #tellGone(): void {
    this.#onGone?.();
    this.#onGone = null;
  }
}

// "close" follows every error, and says all that matters here.
function ignore(): void {}
