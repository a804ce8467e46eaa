import { Problem } from "../kernel/problem.ts";
import type { Held, HeldModule, Hold, HoldLook } from "../ports/hold.ts";
import type { KnownSince } from "./known-since.ts";

/** Leaves out of lists and queries what was not known at the moment that the client asks for (`/asof/2026-06-01/`). */
export class AfterView implements Hold {
  readonly #known: KnownSince;

  constructor(known: KnownSince) {
    this.#known = known;
  }

  concerns({ view }: HeldModule): boolean {
    return view.asOfMs !== null;
  }

  async among(module: HeldModule, versions: readonly string[], look: HoldLook): Promise<ReadonlyMap<string, Held>> {
    const { asOfMs } = module.view;
    const held = new Map<string, Held>();
    if (asOfMs === null) return held;
    const later = await this.#known.notKnownBy(module, versions, { atMs: asOfMs, ...look });
    for (const [version, { sinceMs }] of later) {
      const problem = new Problem(
        "VERSION_AFTER_VIEW",
        `${module.module}@${version} has been known since ${utc(sinceMs)}, after the ${utc(asOfMs)} that /asof/ asks for`,
      );
      // Nobody knew then what it retracts.
      held.set(version, { problem, retracts: false, isUnlisted: true });
    }
    return held;
  }
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
