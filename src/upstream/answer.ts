import type { UpstreamAsk, UpstreamBody } from "../ports/upstream.ts";
import type { Failure } from "./failure.ts";

/** A 200 whose body has not been read. */
export interface Found {
  readonly kind: "found";
  readonly body: Omit<UpstreamBody, "upstream">;
  /** How the body broke off; null while it did not. */
  brokenBy(): Failure | null;
  /** Resolves when nothing more comes over the wire: whole, broken off or cancelled. */
  readonly done: Promise<void>;
  /** Lets go of the connection or file; harmless after the end. */
  cancel(): void;
}

/** What one attempt came to. */
export type Answer = Found | { readonly kind: "unchanged" } | { readonly kind: "failed"; readonly failure: Failure };

/** One way of asking: an HTTP upstream, a folder, version control. */
export interface Source {
  /** Host, or what stands for it, without credentials. */
  readonly host: string;
  /** One host behind it, so that its failures foretell the next one. */
  readonly isOneHost: boolean;
  /** False for what this kind of upstream cannot have, which then is not asked at all. */
  serves(ask: UpstreamAsk): boolean;
  /** Asks once. Rejects with the signal's reason when that is aborted, and never for the upstream's sake. */
  ask(ask: UpstreamAsk, signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}

/** A failed attempt. */
export function failed(failure: Failure): Answer {
  return { kind: "failed", failure };
}
