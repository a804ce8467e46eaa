import type { ServerResponse } from "node:http";
import type { Problem } from "../kernel/problem.ts";
import type { Artifact, Ask, Reply, Sent } from "../ports/ask.ts";
import type { Exchange } from "../ports/exchange.ts";
import { refusal } from "./refusal.ts";
import { planSend, type SendPlan } from "./send-plan.ts";

/** Answers over node:http. */
export class NodeReply implements Reply {
  readonly #ask: Ask;
  readonly #response: ServerResponse;

  constructor(ask: Ask, response: ServerResponse) {
    this.#ask = ask;
    this.#response = response;
  }

  send(artifact: Artifact, exchange: Exchange): Sent | Promise<Sent> {
    const plan = planSend(artifact, this.#ask);
    this.#response.writeHead(plan.status, [...plan.headers, "X-Request-Id", exchange.id]);
    if (!plan.hasBody) {
      this.#response.end();
      return { status: plan.status, bytes: 0 };
    }
    const { bytes } = artifact.file;
    if (bytes === null) return this.#stream(artifact, plan);
    const part = plan.range ? bytes.subarray(plan.range.start, plan.range.end + 1) : bytes;
    this.#response.end(part);
    return { status: plan.status, bytes: part.length };
  }

  refuse(problem: Problem, exchange: Exchange): Sent {
    const response = this.#response;
    if (response.destroyed || response.headersSent) {
      // The status is gone already: a cut connection is the only truth left to tell.
      response.destroy();
      return { status: problem.status, bytes: 0 };
    }
    const { status, headers, body } = refusal(problem, exchange);
    response.writeHead(status, headers);
    const isHead = this.#ask.method === "HEAD";
    response.end(isHead ? undefined : body);
    return { status, bytes: isHead ? 0 : body.length };
  }

  /** The next chunk is asked for when the last is in the kernel; a client that leaves ends it, without an error. */
  async #stream(artifact: Artifact, plan: SendPlan): Promise<Sent> {
    let sent = 0;
    for await (const chunk of artifact.file.stream(plan.range ?? undefined)) {
      if (!(await this.#written(chunk))) return { status: plan.status, bytes: sent };
      sent += chunk.length;
    }
    this.#response.end();
    return { status: plan.status, bytes: sent };
  }

  #written(chunk: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      this.#response.write(chunk, (error) => resolve(!error));
    });
  }
}
