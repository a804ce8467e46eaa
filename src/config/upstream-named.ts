import type { ChainElement, UpstreamConfig } from "./config.ts";

interface Upstreams {
  readonly chain: readonly ChainElement[];
  readonly others: Readonly<Record<string, UpstreamConfig>>;
}

/** The upstream with this name, else the first with this host (and port); null where there is none. */
export function upstreamNamed({ chain, others }: Upstreams, word: string): UpstreamConfig | null {
  const all = [...chain.map(({ upstream }) => upstream), ...Object.values(others)];
  return all.find(({ name }) => name === word) ?? all.find(({ url }) => hostOf(url) === word) ?? null;
}

/** Host and port of an upstream's URL; null for `direct`, `off` and file URLs. */
export function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host || null : null;
}
