import { Problem } from "../kernel/problem.ts";
import type { GoRequest } from "../gomod/request.ts";
import type { Decision } from "../policy/decide.ts";

/** A request that asks for a file of the tree. */
export type FileRequest = Exclude<GoRequest, { kind: "index" | "go-get" }>;

/** A request for a file, with all that decides where it may come from. */
export interface Errand {
  readonly request: FileRequest;
  readonly decision: Decision;
  /** The cache alone may answer. */
  readonly cacheOnly: boolean;
  /** The one upstream that the client asked for; null for the chain as it is. */
  readonly chosenUpstream: string | null;
  readonly authorization: string | null;
  /** Sent along to upstreams. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** A request for a file that an upstream serves as it is; what a checksum database says is proved by its client. */
export type FetchedRequest = Exclude<FileRequest, { readonly kind: "sumdb" }>;

/** An errand to an upstream. */
export type FetchErrand = Errand & { readonly request: FetchedRequest };

/** Names of the upstreams that may be asked, in order; null: the whole chain. */
export function routeOf({ chosenUpstream, decision }: Errand): readonly string[] | null {
  return chosenUpstream === null ? decision.upstreams : [chosenUpstream];
}

/** What requests have in common that one flight can serve: answers made with somebody's own credentials are not for everybody. */
export function flightKey(errand: Errand): string {
  return `${routeOf(errand)?.join(" ") ?? ""}\n${errand.authorization ?? ""}\n${errand.request.key}`;
}

/** The refusal of a private module that no upstream may serve. */
export function nobodyMayServe(errand: Errand): Problem {
  return new Problem(
    "PRIVATE_NAME",
    `${errand.request.module} is private here, and no upstream of this gateway may serve it`,
    {
      hint: "mark an upstream private: true or add direct to the chain here, or set GOPRIVATE for it on the client",
    },
  );
}
