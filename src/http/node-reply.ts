import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Problem } from "../kernel/problem.ts";
import { problemText } from "../kernel/problem-text.ts";
import type { Artifact, Ask, Reply, Sent } from "../ports/ask.ts";
import type { Exchange } from "../ports/exchange.ts";
import { loopHeader } from "../upstream/loop.ts";
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
    if (bytes !== null) {
      const part = plan.range ? bytes.subarray(plan.range.start, plan.range.end + 1) : bytes;
      this.#response.end(part);
      return { status: plan.status, bytes: part.length };
    }
    return this.#stream(artifact, plan);
  }

  refuse(problem: Problem, exchange: Exchange): Sent {
    const response = this.#response;
    if (response.destroyed) return { status: problem.status, bytes: 0 };
    if (response.headersSent) {
      // The status is gone already: a cut connection is the only truth left to tell.
      response.destroy();
      return { status: problem.status, bytes: 0 };
    }
    const body = Buffer.from(problemText(problem, exchange.id));
    const headers = [
      "Content-Type",
      "text/plain; charset=utf-8",
      "Content-Length",
      String(body.length),
      "Cache-Control",
      "no-store",
      "X-Content-Type-Options",
      "nosniff",
      "X-Request-Id",
      exchange.id,
      "X-Modgate-Code",
      problem.code,
    ];
    if (problem.verdict === "unreachable" && problem.status !== 500) {
      headers.push("Retry-After", String(Math.max(1, Math.ceil((problem.retryAfterMs ?? 5000) / 1000))));
    }
    if (problem.code === "METHOD_NOT_ALLOWED") headers.push("Allow", "GET, HEAD", "Connection", "close");
    if (problem.code === "UPSTREAM_LOOP" && typeof problem.evidence?.["selfId"] === "string") {
      headers.push(loopHeader, problem.evidence["selfId"]);
    }
    const upstream = problem.tried.length > 0 ? exchange.tries.at(-1)?.upstream : undefined;
    if (upstream !== undefined) headers.push("X-Go-Proxy-Upstream", upstream);
    response.writeHead(problem.status, headers);
    const isHead = this.#ask.method === "HEAD";
    response.end(isHead ? undefined : body);
    return { status: problem.status, bytes: isHead ? 0 : body.length };
  }

  async #stream(artifact: Artifact, plan: SendPlan): Promise<Sent> {
    let sent = 0;
    const count = async function* (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
      for await (const chunk of chunks) {
        sent += chunk.length;
        yield chunk;
      }
    };
    try {
      await pipeline(
        Readable.from(count(artifact.file.stream(plan.range ?? undefined)), { objectMode: true, highWaterMark: 1 }),
        this.#response,
      );
    } catch (error) {
      // A client that leaves in the middle of a file is its own affair; a disk that fails is ours.
      if (error instanceof Problem) throw error;
      this.#response.destroy();
    }
    return { status: plan.status, bytes: sent };
  }
}
