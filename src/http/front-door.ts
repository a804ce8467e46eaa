import type { Clock } from "../kernel/clock.ts";
import type { Ask, Reply } from "../ports/ask.ts";
import type { Draining } from "./draining.ts";
import { LaneAsk } from "./lane-ask.ts";
import { LaneReply } from "./lane-reply.ts";
import type { Receiver } from "./listen.ts";
import { NodeAsk } from "./node-ask.ts";
import { NodeReply } from "./node-reply.ts";
import type { OperatingPages } from "./operating-pages.ts";

interface FrontDoorParts {
  /** The gateway that answers this request: during a rollout there are two. Never rejects. */
  readonly serve: (ask: Ask, reply: Reply) => Promise<unknown>;
  readonly pages: OperatingPages;
  readonly draining: Draining;
  readonly clock: Clock;
}

/** What every listener does with a request: operating pages first, everything else walks the straight line. */
export function frontDoor({ serve, pages, draining, clock }: FrontDoorParts): Receiver {
  const leave = (): void => draining.leave();
  return {
    clock,
    isDraining: () => draining.isDraining,
    onRequest(request, response) {
      draining.enter();
      response.once("close", leave);
      if (draining.isDraining) response.shouldKeepAlive = false;
      const ask = new NodeAsk(request, response);
      if (pages.owns(ask.path)) void pages.answer(ask, response);
      else void serve(ask, new NodeReply(ask, response));
    },
    answer(head, connection) {
      if (pages.owns(head.target)) return false;
      draining.enter();
      const ask = new LaneAsk(head, connection);
      void serve(ask, new LaneReply(ask, connection)).then(leave, leave);
      return true;
    },
  };
}
