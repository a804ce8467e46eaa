import type { Clock } from "../kernel/clock.ts";
import type { Answer } from "./answer.ts";
import type { Turns } from "../kernel/turns.ts";

interface HedgedRequest {
  readonly clock: Clock;
  /** When a second request is sent while the first has no headers; null: never. */
  readonly hedgeAfterMs: number | null;
  readonly turns: Turns;
  readonly send: (signal: AbortSignal) => Promise<Answer>;
  /** Told when a request was given up because the other one was first. */
  readonly onLoser: () => void;
}

interface Runner {
  readonly controller: AbortController;
  readonly answer: Promise<Answer>;
}

/**
 * The answer of one request, or of the faster of two; the slower is aborted. An outage does not win while
 * the other request is under way. Never hedges where all turns are taken: more load is no help then.
 * Rejects with the signal's reason.
 */
export async function raceHedged(request: HedgedRequest, signal: AbortSignal): Promise<Answer> {
  const first = await start(request, signal);
  if (request.hedgeAfterMs === null) return first.answer;
  const isLate = await isLaterThan(request.clock, request.hedgeAfterMs, first.answer);
  if (!isLate || request.turns.isFull) return first.answer;
  const second = await start(request, signal);
  return new Promise((resolve, reject) => {
    let running = 2;
    const settle = (answer: Answer, other: Runner): void => {
      running--;
      if (running === 1) {
        if (answer.kind === "failed" && answer.failure.mayRetry) return;
        running = 0;
        resolve(answer);
        other.controller.abort(new Error("the other request was first"));
        request.onLoser();
      } else if (running === 0) resolve(answer);
      else if (answer.kind === "found") answer.cancel();
    };
    first.answer.then((answer) => settle(answer, second), reject);
    second.answer.then((answer) => settle(answer, first), reject);
  });
}

async function start(request: HedgedRequest, signal: AbortSignal): Promise<Runner> {
  const endTurn = await request.turns.take(signal);
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  const end = (): void => {
    signal.removeEventListener("abort", giveUp);
    endTurn();
  };
  const answer = request.send(controller.signal).then(
    (answer) => {
      if (answer.kind === "found") void answer.done.then(end);
      else end();
      return answer;
    },
    (error: unknown) => {
      end();
      throw error;
    },
  );
  return { controller, answer };
}

function isLaterThan(clock: Clock, limitMs: number, answer: Promise<Answer>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(limitMs, () => resolve(true));
    const settled = (): void => {
      cancel();
      resolve(false);
    };
    answer.then(settled, settled);
  });
}
