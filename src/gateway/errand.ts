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

/** Names of the upstreams that may be asked, in order; null: the whole chain. */
export function routeOf({ chosenUpstream, decision }: Errand): readonly string[] | null {
  return chosenUpstream === null ? decision.upstreams : [chosenUpstream];
}
