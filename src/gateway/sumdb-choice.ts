import type { Config, SumdbConfig } from "../config/config.ts";
import { indexPatterns } from "../policy/pattern-index.ts";

/** Which checksum database knows which module. */
export interface SumdbChoice {
  /** All that the gateway serves, by name. */
  readonly all: ReadonlyMap<string, SumdbConfig>;
  /** The one that knows a module which is not private; null: none does (off). */
  readonly of: (module: string) => SumdbConfig | null;
}

/** The choice that a configuration makes: the first pattern of `sumdbs` that fits, else `sumdb`. */
export function sumdbChoice(config: Pick<Config, "sumdb" | "sumdbs">): SumdbChoice {
  const { sumdb, sumdbs } = config;
  const all = new Map<string, SumdbConfig>();
  for (const one of [sumdb, ...sumdbs.map((entry) => entry.sumdb)])
    if (one && !all.has(one.name)) all.set(one.name, one);
  const indexOf = indexPatterns(sumdbs.map(({ pattern }) => pattern));
  return {
    all,
    of(module) {
      const entry = sumdbs[indexOf(module)];
      return entry === undefined ? sumdb : entry.sumdb;
    },
  };
}
