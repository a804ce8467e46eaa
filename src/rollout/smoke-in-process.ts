import { infoKey, listKey, modKey, zipKey } from "../gomod/keys.ts";
import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import type { Config } from "../config/config.ts";
import type { Exchange } from "../ports/exchange.ts";
import type { SeenVersion, Store } from "../ports/store.ts";

interface SmokeParts {
  readonly config: Config;
  /** The running cache: where `smoke:` names nothing, its newest versions are asked. */
  readonly store: Store;
  /** Asks the new configuration, along its own chain. */
  readonly ask: (path: string) => Promise<Exchange>;
}

const fromCache = 2;
// Its zips are too large to fetch again for a trial.
const toolchain = "golang.org/toolchain";
const recentMs = 30 * 24 * 3600 * 1000;

/**
 * Asks a new configuration for list, .info, .mod and .zip of real modules, and for their checksums, before it takes
 * any request. Gives a line for each answer that is not `ok`; a module that a rule of the new configuration denies, or
 * that is private, is no failure.
 * Offline there is nothing to ask, and so nothing fails.
 */
export async function smokeInProcess({ config, store, ask }: SmokeParts, nowMs: number): Promise<string[]> {
  if (config.network === "offline") return [];
  const asked = subjects(config, store, nowMs).flatMap(({ module, version }) => {
    const escapedModule = escapeModulePath(module);
    const escapedVersion = escapeVersion(version);
    const files = [
      listKey(escapedModule),
      infoKey(escapedModule, escapedVersion),
      modKey(escapedModule, escapedVersion),
      zipKey(escapedModule, escapedVersion),
    ];
    if (config.sumdb) files.push(`sumdb/${config.sumdb.name}/lookup/${escapedModule}@${escapedVersion}`);
    return files;
  });
  const answers = await Promise.all(asked.map(async (key) => failureOf(key, await ask(`/${key}`))));
  return answers.filter((line) => line !== null);
}

function failureOf(key: string, exchange: Exchange): string | null {
  const code = exchange.problem?.code;
  if (exchange.verdict === "ok" || code === "DENIED_BY_RULE" || code === "PRIVATE_NAME") return null;
  // A module that the database does not know may be one that its clients do not ask it about.
  if (key.startsWith("sumdb/") && exchange.verdict === "absent") return null;
  return `/${key}: ${exchange.verdict} ${exchange.status}: ${exchange.problem?.message ?? ""}`;
}

function subjects(config: Config, store: Store, nowMs: number): readonly Pick<SeenVersion, "module" | "version">[] {
  if (config.smoke.length === 0) {
    const seen = store.seenSince(nowMs - recentMs, 2000);
    return seen.filter(({ module }) => module !== toolchain).slice(-fromCache);
  }
  return config.smoke.map((text) => {
    const at = text.lastIndexOf("@");
    return { module: text.slice(0, at), version: text.slice(at + 1) };
  });
}
