import type { Artifact, Ask, Reply, Sent } from "../ports/ask.ts";
import type { Problem } from "../kernel/problem.ts";
import type { Exchange } from "../ports/exchange.ts";
import { headerLines } from "./header-lines.ts";
import type { LaneConnection } from "./lane-connection.ts";
import { refusal } from "./refusal.ts";
import { planSend, type SendPlan } from "./send-plan.ts";

// Made once for each plan that is kept: hot files are asked for thousands of times a second.
const lines = new WeakMap<readonly string[], string>();

// The same for the bodies of .info and .mod files, as the text that is written with their head.
const bodies = new WeakMap<Artifact, string>();
const maxKept = 4096;

/** Answers over the fast lane. */
export class LaneReply implements Reply {
  readonly #ask: Ask;
  readonly #connection: LaneConnection;
  #isStarted = false;

  constructor(ask: Ask, connection: LaneConnection) {
    this.#ask = ask;
    this.#connection = connection;
  }

  send(artifact: Artifact, exchange: Exchange): Sent | Promise<Sent> {
    const plan = planSend(artifact, this.#ask);
    const fields = `${linesOf(plan)}X-Request-Id: ${exchange.id}\r\n`;
    const { bytes } = artifact.file;
    this.#isStarted = true;
    if (!plan.hasBody) this.#connection.send(plan.status, fields, null);
    else if (bytes === null) return this.#stream(plan, fields, artifact);
    else if (plan.range === null && bytes.length <= maxKept) {
      this.#connection.sendText(plan.status, fields, bodyText(artifact, bytes));
      return { status: plan.status, bytes: bytes.length };
    } else {
      const part = plan.range ? bytes.subarray(plan.range.start, plan.range.end + 1) : bytes;
      this.#connection.send(plan.status, fields, part);
      return { status: plan.status, bytes: part.length };
    }
    return { status: plan.status, bytes: 0 };
  }

  refuse(problem: Problem, exchange: Exchange): Sent {
    if (this.#isStarted || this.#connection.isGone) {
      // The status is gone already: a cut connection is the only truth left to tell.
      this.#connection.destroy();
      return { status: problem.status, bytes: 0 };
    }
    const { status, headers, body } = refusal(problem, exchange);
    const isHead = this.#ask.method === "HEAD";
    this.#connection.send(status, headerLines(headers), isHead ? null : body);
    return { status, bytes: isHead ? 0 : body.length };
  }

  async #stream(plan: SendPlan, fields: string, artifact: Artifact): Promise<Sent> {
    const bytes = await this.#connection.stream(plan.status, fields, artifact.file.stream(plan.range ?? undefined));
    return { status: plan.status, bytes };
  }
}

function bodyText(artifact: Artifact, bytes: Buffer): string {
  let text = bodies.get(artifact);
  if (text === undefined) {
    text = bytes.toString("latin1");
    bodies.set(artifact, text);
  }
  return text;
}

function linesOf(plan: SendPlan): string {
  let text = lines.get(plan.headers);
  if (text === undefined) {
    text = headerLines(plan.headers);
    lines.set(plan.headers, text);
  }
  return text;
}
