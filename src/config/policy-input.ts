import type { PolicyInput } from "../policy/decide.ts";
import type { Config } from "./config.ts";

/** What compileRules() needs of a configuration. */
export function policyInputOf(config: Config): PolicyInput {
  return {
    rules: config.rules,
    private: config.private,
    upstreams: config.chain.map(({ upstream }) => ({ name: upstream.name, private: upstream.private })),
    otherPrivateUpstreams: Object.values(config.upstreams)
      .filter((upstream) => upstream.private)
      .map(({ name }) => name),
  };
}
