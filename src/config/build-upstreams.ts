import { parseGoproxyList } from "../gomod/goproxy-list.ts";
import { Problem } from "../kernel/problem.ts";
import type { ChainElement, UpstreamConfig } from "./config.ts";
import { maskBrokenUrls, maskText } from "./mask.ts";
import { nearest } from "./nearest.ts";
import { makeUpstream } from "./make-upstream.ts";
import type { UpstreamDefaults, UpstreamEntry } from "./upstream-schema.ts";

/** What the chain is built from; paths of files in it are absolute. */
export interface UpstreamParts {
  /** As in GOPROXY, names of entries among the URLs. */
  readonly list: string;
  readonly entries: Readonly<Record<string, UpstreamEntry>>;
  readonly defaults: UpstreamDefaults;
  /** Headers from files: of an entry, or of the defaults (null). */
  readonly secretHeaders: (entry: string | null) => Readonly<Record<string, string>>;
}

/** What is wrong with one element of the list. */
export interface ChainMessage {
  /** `name`: it would be right if there were an entry of that name. */
  readonly kind: "name" | "url";
  readonly message: string;
}

/** The chain, the entries outside it, and what is wrong with the list. */
export interface BuiltUpstreams {
  readonly chain: readonly ChainElement[];
  readonly others: Readonly<Record<string, UpstreamConfig>>;
  readonly messages: readonly ChainMessage[];
  /** Elements after `direct` or `off`, which are never asked. */
  readonly unreachable: readonly string[];
}

/**
 * Builds the upstream chain from its list (GO-FACTS C.2): a word is the name of an entry, a URL, which
 * uses the settings of the entry with the same url, or `direct` or `off`, which end the list. A bare URL
 * is named by its host and port, and its path where that is taken.
 */
export function buildUpstreams(parts: UpstreamParts): BuiltUpstreams {
  const named = new Map<string, UpstreamConfig>();
  for (const [name, entry] of Object.entries(parts.entries)) {
    named.set(name, makeUpstream({ name, url: withoutEndSlash(entry.url), entry }, parts));
  }
  const bare = new Map<string, UpstreamConfig>();
  const chain: ChainElement[] = [];
  const messages: ChainMessage[] = [];
  const words = wordsOf(parts.list);
  const end = words.findIndex(({ word }) => word === "direct" || word === "off");
  const asked = end < 0 ? words : words.slice(0, end + 1);
  for (const { word, separator } of asked) {
    try {
      chain.push({ upstream: upstreamOf(word, parts, { named, bare }), separator });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      messages.push(messageFor(word, error, [...named.keys()]));
    }
  }
  if (words.length === 0) messages.push({ kind: "url", message: "has no entries; want URL,URL|URL,direct" });
  const inChain = new Set(chain.map(({ upstream }) => upstream.name));
  return {
    chain,
    others: Object.fromEntries([...named].filter(([name]) => !inChain.has(name))),
    messages,
    unreachable: words.slice(asked.length).map(({ word }) => maskBrokenUrls(word)),
  };
}

interface Known {
  readonly named: ReadonlyMap<string, UpstreamConfig>;
  /** By URL. */
  readonly bare: Map<string, UpstreamConfig>;
}

function upstreamOf(word: string, parts: UpstreamParts, { named, bare }: Known): UpstreamConfig {
  const byName = named.get(word);
  if (byName !== undefined) return byName;
  const url = withoutEndSlash(parseGoproxyList(word)[0]?.url ?? word);
  for (const upstream of named.values()) {
    if (upstream.url !== "direct" && upstream.url === url) return upstream;
  }
  const known = bare.get(url);
  if (known !== undefined) return known;
  const taken = new Set([...named.keys(), ...[...bare.values()].map(({ name }) => name)]);
  const upstream = makeUpstream({ name: freeName(url, taken), url, entry: null }, parts);
  bare.set(url, upstream);
  return upstream;
}

function wordsOf(list: string): { word: string; separator: "," | "|" }[] {
  const words: { word: string; separator: "," | "|" }[] = [];
  for (const [, raw = "", separator] of list.matchAll(/([^,|]*)([,|]|$)/g)) {
    const word = raw.trim();
    if (word !== "") words.push({ word, separator: separator === "|" ? "|" : "," });
  }
  return words;
}

function freeName(url: string, taken: ReadonlySet<string>): string {
  if (url === "direct" || url === "off") return url;
  const { host, pathname } = new URL(url);
  const path = pathname === "/" ? "" : pathname;
  const names = host === "" ? [`file:${path}`] : [host, `${host}${path}`];
  const free = names.find((name) => !taken.has(name));
  if (free !== undefined) return free;
  let number = 2;
  while (taken.has(`${names.at(-1)}#${number}`)) number++;
  return `${names.at(-1)}#${number}`;
}

function withoutEndSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

function messageFor(word: string, error: Problem, names: readonly string[]): ChainMessage {
  const shown = maskBrokenUrls(word);
  if (/[.:/@]/.test(word)) {
    // What stands before the reason names the word in full.
    const reason =
      error.message
        .split(" as a proxy: ")
        .at(-1)
        ?.replace(/: want .*/, "") ?? "";
    const message = `${JSON.stringify(shown)} is wrong: ${maskText(reason)}; want an https, http or file URL, the name of an entry of upstreams, direct or off`;
    return { kind: "url", message };
  }
  const near = nearest(word, [...names, "direct", "off"]);
  const wanted = near ?? [...names, "a URL, direct or off"].join(", ");
  return { kind: "name", message: `${JSON.stringify(shown)} is no URL and no entry of upstreams; want ${wanted}` };
}
