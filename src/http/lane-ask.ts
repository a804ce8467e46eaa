import type { Ask } from "../ports/ask.ts";
import type { LaneConnection } from "./lane-connection.ts";
import type { RequestHead } from "./request-head.ts";

/** A request of the fast lane as the gateway reads it. Its signal is made only when somebody waits on it. */
export class LaneAsk implements Ask {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly client: string;
  readonly #head: RequestHead;
  readonly #connection: LaneConnection;
  #controller: AbortController | null = null;

  constructor(head: RequestHead, connection: LaneConnection) {
    const { target } = head;
    const mark = target.indexOf("?");
    this.method = head.method;
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? "" : target.slice(mark + 1);
    this.client = connection.client;
    this.#head = head;
    this.#connection = connection;
  }

  header(name: string): string | undefined {
    return this.#head.headers[name];
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      const controller = new AbortController();
      const onGone = (): void => controller.abort(new Error("The client closed the connection"));
      this.#controller = controller;
      if (this.#connection.isGone) onGone();
      else this.#connection.whenGone(onGone);
    }
    return this.#controller.signal;
  }
}
