import type { Config } from "../config/config.ts";
import type { Ask, Reply } from "../ports/ask.ts";
import type { Exchange } from "../ports/exchange.ts";

/** One load of the configuration at work, and what has to be closed when it is over. */
export interface Generation {
  /** From 1, counted up with every load that was tried. */
  readonly number: number;
  readonly config: Config;
  /** Answers a request, whatever happens; never rejects. */
  serve(ask: Ask, reply: Reply): Promise<Exchange>;
  /** Gives up what it asks of upstreams, when the process ends. */
  abandon(): void;
  /** Ends its connections to upstreams, once its last request and flight are over. */
  close(): Promise<void>;
}

/** What a rollout did, for the log and /-/api/v1/rollout. */
export type RolloutEvent =
  | {
      readonly kind: "refused";
      readonly generation: number;
      readonly stage: "load" | "lint" | "smoke";
      readonly reasons: readonly string[];
    }
  | { readonly kind: "needs-restart"; readonly generation: number; readonly keys: readonly string[] }
  | { readonly kind: "canary"; readonly generation: number; readonly share: number; readonly forMs: number }
  | { readonly kind: "promoted"; readonly generation: number; readonly requests: number; readonly errors: number }
  | {
      readonly kind: "rolled-back";
      readonly generation: number;
      readonly requests: number;
      readonly errors: number;
      readonly reason: string;
    };
