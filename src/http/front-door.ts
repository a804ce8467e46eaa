import type { IncomingMessage, ServerResponse } from "node:http";
import type { Ask, Reply } from "../ports/ask.ts";
import { NodeAsk } from "./node-ask.ts";
import { NodeReply } from "./node-reply.ts";
import type { OperatingPages } from "./operating-pages.ts";
import type { Draining } from "./draining.ts";

interface FrontDoorParts {
  /** The gateway that answers this request: during a rollout there are two. */
  readonly serve: (ask: Ask, reply: Reply) => Promise<unknown>;
  readonly pages: OperatingPages;
  readonly draining: Draining;
}

/** The request listener of every server: operating pages first, everything else walks the straight line. */
export function frontDoor(parts: FrontDoorParts): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    parts.draining.enter(response);
    const ask = new NodeAsk(request, response);
    if (parts.pages.owns(ask.path)) {
      void parts.pages.answer(ask, response);
      return;
    }
    void parts.serve(ask, new NodeReply(ask, response));
  };
}
