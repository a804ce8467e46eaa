import type { ChainElement } from "../config/config.ts";
import { Problem } from "../kernel/problem.ts";
import type { UpstreamClient } from "./upstream-client.ts";

/** One step of a walk: an upstream, or `off`, where it ends. */
export interface Step {
  readonly name: string;
  /** Null for `off`. */
  readonly client: UpstreamClient | null;
  readonly separator: ChainElement["separator"];
}

/**
 * The steps that `only` leaves: each name, else each upstream on that host, in the order of `only`, out of
 * the chain and then out of the further upstreams, which a comma follows. Null leaves the whole chain.
 * UNKNOWN_UPSTREAM where a name fits none.
 */
export function routeOf(
  chain: readonly Step[],
  further: readonly Step[],
  only: readonly string[] | null,
): readonly Step[] {
  if (only === null) return chain;
  const all = [...chain, ...further];
  const route = only.flatMap((wanted) => {
    const named = all.filter((step) => step.name === wanted);
    const found =
      named.length > 0 ? named : all.filter((step) => step.client !== null && hostFits(step.client, wanted));
    if (found.length === 0) {
      const known = all.map((step) => step.name).join(", ");
      throw new Problem("UNKNOWN_UPSTREAM", `No upstream is named "${wanted}" or has that host`, {
        hint: `use one of ${known}`,
      });
    }
    return found;
  });
  return [...new Set(route)];
}

function hostFits(client: UpstreamClient, wanted: string): boolean {
  const { host } = client.source;
  return host === wanted || host.replace(/:\d+$/, "") === wanted;
}
