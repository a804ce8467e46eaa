import type { UpstreamConfig } from "../config/config.ts";
import type { UpstreamAsk } from "../ports/upstream.ts";
import { failed, type Answer, type Source } from "./answer.ts";
import type { Direct } from "./direct.ts";
import { failure } from "./failure.ts";

/**
 * The upstream `direct`. `notFound: [403]` on it makes absence of what version control refuses, for hosts
 * whose missing repositories cannot be told from hidden ones.
 */
export class DirectSource implements Source {
  readonly host = "direct";
  readonly isOneHost = false;
  readonly #direct: Direct;
  readonly #config: Pick<UpstreamConfig, "notFound">;

  constructor(direct: Direct, config: Pick<UpstreamConfig, "notFound">) {
    this.#direct = direct;
    this.#config = config;
  }

  serves(ask: UpstreamAsk): boolean {
    return ask.module !== null && ask.endpoint !== "sumdb";
  }

  async ask(ask: UpstreamAsk, signal: AbortSignal): Promise<Answer> {
    const { module } = ask;
    if (module === null) return failed(failure("absent", "version control has modules alone"));
    const answer = await this.#direct.answer({ ...ask, module }, signal);
    const isRefused = answer.kind === "failed" && answer.failure.kind === "denied";
    if (!isRefused || !this.#config.notFound.includes(403)) return answer;
    return failed(failure("absent", answer.failure.reason));
  }

  /** The one that runs `go` outlives the chain: others may share it. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
