import type { ChainElement, UpstreamConfig } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import type { Disk } from "../ports/disk.ts";
import type { Chain, UpstreamAsk, UpstreamHealth, UpstreamResult } from "../ports/upstream.ts";
import type { Source } from "./answer.ts";
import { createSource, type SourceParts } from "./create-source.ts";
import { routeOf, type Step } from "./route.ts";
import { UpstreamClient, type Receive } from "./upstream-client.ts";
import { walkProblem, type Miss } from "./walk-problem.ts";

export interface ChainParts extends Omit<SourceParts, "disk"> {
  readonly elements: readonly ChainElement[];
  /** Asked only where `only` names them. */
  readonly further: readonly UpstreamConfig[];
  readonly random: Random;
  readonly clock: Clock;
  readonly disk: Pick<Disk, "open" | "stat" | "readFile">;
}

/**
 * Makes the chain and reads the certificates of its upstreams; no connection yet. CONFIG_INVALID where a
 * certificate or a URL is no good, or where credentials would travel unencrypted.
 */
export async function createChain(parts: ChainParts): Promise<Chain> {
  const { clock, random } = parts;
  const step = async (config: UpstreamConfig, separator: ChainElement["separator"]): Promise<Step> => {
    const source = await createSource(config, parts);
    if (source === null) return { name: config.name, client: null, separator };
    return {
      name: config.name,
      client: new UpstreamClient({ config: settingsOf(config, source), source, clock, random }),
      separator,
    };
  };
  const chain = await Promise.all(parts.elements.map(({ upstream, separator }) => step(upstream, separator)));
  const further = await Promise.all(parts.further.map((upstream) => step(upstream, ",")));
  return new UpstreamChain(chain, further);
}

/** The chain of upstreams, walked from its start for every file, as `go` walks GOPROXY (GO-FACTS A.1). */
class UpstreamChain implements Chain {
  readonly names: readonly string[];
  readonly #chain: readonly Step[];
  readonly #further: readonly Step[];

  constructor(chain: readonly Step[], further: readonly Step[]) {
    this.#chain = chain;
    this.#further = further;
    this.names = [...chain, ...further].map((step) => step.name);
  }

  async fetch<T>(ask: UpstreamAsk, receive: Receive<T>, signal: AbortSignal): Promise<UpstreamResult<T>> {
    const misses: Miss[] = [];
    let isOff = false;
    const route = routeOf(this.#chain, this.#further, ask.only);
    for (const [index, { name, client, separator }] of route.entries()) {
      isOff = client === null;
      if (client === null) break;
      if (!client.source.serves(ask)) continue;
      const outcome = await client.fetch(ask, receive, signal);
      if (outcome.kind === "found") return { kind: "found", upstream: name, value: outcome.value };
      if (outcome.kind === "unchanged") return { kind: "unchanged", upstream: name };
      misses.push({ upstream: client.config, ...outcome });
      const { kind, forgery } = outcome.failure;
      // Going on past a loop would hide that every request is made twice. Past a forgery there is no danger: what the
      // next upstream sends must pass the same proof.
      if (kind === "loop" || (separator === "," && kind !== "absent" && forgery === null)) break;
      const isLast = index === route.length - 1;
      if (kind === "absent" && !isLast && ask.mayGoOn && !(await ask.mayGoOn(name))) break;
    }
    throw walkProblem(ask, misses, isOff);
  }

  health(): readonly UpstreamHealth[] {
    return this.#clients().map((client) => client.health);
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients().map((client) => client.source.close()));
  }

  #clients(): UpstreamClient[] {
    return [...this.#chain, ...this.#further].map((step) => step.client).filter((client) => client !== null);
  }
}

// A folder and version control stand for many hosts or none: one failure says nothing about the next request.
function settingsOf(config: UpstreamConfig, source: Source): UpstreamConfig {
  if (source.isOneHost) return config;
  return { ...config, hedgeAfterMs: null, breaker: { ...config.breaker, failures: Number.POSITIVE_INFINITY } };
}
