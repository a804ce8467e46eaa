import type { IncomingMessage, ServerResponse } from "node:http";
import type { Ask } from "../ports/ask.ts";

/** A request of node:http as the gateway reads it. Its signal is made only when somebody waits on it. */
export class NodeAsk implements Ask {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly client: string;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #controller: AbortController | null = null;

  constructor(request: IncomingMessage, response: ServerResponse) {
    const url = request.url ?? "/";
    const mark = url.indexOf("?");
    this.method = request.method ?? "GET";
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = mark < 0 ? "" : url.slice(mark + 1);
    this.client = request.socket.remoteAddress ?? "unix";
    this.#request = request;
    this.#response = response;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      const controller = new AbortController();
      this.#controller = controller;
      const onClose = (): void => {
        if (!this.#response.writableFinished) controller.abort(new Error("The client closed the connection"));
      };
      if (this.#response.destroyed) onClose();
      else this.#response.once("close", onClose);
    }
    return this.#controller.signal;
  }
}
