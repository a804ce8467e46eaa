import type { Clock } from "../kernel/clock.ts";
import { formatDuration } from "../kernel/duration.ts";
import { Problem } from "../kernel/problem.ts";
import type { CompiledRules } from "../policy/decide.ts";
import type { Held, HeldModule, Hold, HoldLook } from "../ports/hold.ts";
import type { KnownSince } from "./known-since.ts";

interface TooYoungParts {
  readonly rules: CompiledRules;
  /** `MODULE@VERSION`: let through whatever their age. */
  readonly fastLane: ReadonlySet<string>;
  readonly known: KnownSince;
  readonly clock: Clock;
}

interface Wish {
  readonly ageMs: number;
  /** Who wants it. */
  readonly by: string;
}

/** Holds versions until they have been known for as long as a rule, or the client, wants. */
export class TooYoung implements Hold {
  readonly #parts: TooYoungParts;

  constructor(parts: TooYoungParts) {
    this.#parts = parts;
  }

  concerns(module: HeldModule): boolean {
    return this.#wishOf(module) !== null;
  }

  async among(module: HeldModule, versions: readonly string[], look: HoldLook): Promise<ReadonlyMap<string, Held>> {
    const { fastLane, known, clock } = this.#parts;
    const held = new Map<string, Held>();
    const wish = this.#wishOf(module);
    const asked = versions.filter((version) => !fastLane.has(`${module.module}@${version}`));
    if (wish === null || asked.length === 0) return held;
    const young = await known.notKnownBy(module, asked, { atMs: clock.now() - wish.ageMs, ...look });
    for (const [version, { sinceMs }] of young) {
      const problem = refusal(`${module.module}@${version}`, sinceMs, wish);
      held.set(version, { problem, retracts: true, isUnlisted: false });
    }
    return held;
  }

  /** The longer of what the rule and the client want. */
  #wishOf({ module, view }: HeldModule): Wish | null {
    const { rule } = this.#parts.rules.decideModule(module);
    const ruled = rule?.minimumAgeMs ?? 0;
    const asked = view.cooldownMs ?? 0;
    if (ruled === 0 && asked === 0) return null;
    if (ruled >= asked) return { ageMs: ruled, by: `the rule ${rule?.pattern} (${rule?.source})` };
    return { ageMs: asked, by: "the client's GOPROXY (/cooldown/)" };
  }
}

function refusal(name: string, sinceMs: number, { ageMs, by }: Wish): Problem {
  const message =
    `${name} has been known only since ${minute(sinceMs)}, and ${by} holds versions for ${formatDuration(ageMs)}: ` +
    `it is served from ${minute(sinceMs + ageMs)} on`;
  return new Problem("VERSION_TOO_YOUNG", message);
}

function minute(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
