import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Config } from "../config/config.ts";
import { infoKey, listKey, modKey, zipKey } from "../gomod/keys.ts";
import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import { isCanonicalVersion } from "../gomod/version.ts";
import { type CompiledRules, decide } from "../policy/decide.ts";
import type { Exchange } from "../ports/exchange.ts";
import type { Store } from "../ports/store.ts";
import type { UpstreamHealth } from "../ports/upstream.ts";

interface ExplainParts {
  readonly config: Config;
  readonly rules: CompiledRules;
  readonly store: Store;
  readonly clock: Clock;
  readonly health: () => readonly UpstreamHealth[];
  /** The last exchanges about the module and version, newest first. */
  readonly recent: (module: string, version: string) => readonly Exchange[];
  /** Asks for the path now, along the whole line. */
  readonly askNow: (path: string) => Promise<Exchange>;
}

/**
 * Everything that decides about `MODULE@VERSION`: the rule, what the cache holds and how old it is, the chain
 * with its breakers, and the last requests with each upstream try. Where there were none yet, or `isLive`,
 * the .info is asked for now. INVALID_MODULE_PATH, INVALID_QUERY.
 */
export async function explainModule(parts: ExplainParts, subject: string, isLive: boolean): Promise<object> {
  const at = subject.lastIndexOf("@");
  if (at <= 0 || at === subject.length - 1) {
    throw new Problem("INVALID_QUERY", `Cannot explain "${subject}": want MODULE@VERSION`, {
      hint: "modgate explain golang.org/x/mod@v0.17.0",
    });
  }
  const module = subject.slice(0, at);
  const version = subject.slice(at + 1);
  const escapedModule = escapeModulePath(module);
  const escapedVersion = escapeVersion(version);
  const key = infoKey(escapedModule, escapedVersion);
  const request = isCanonicalVersion(version)
    ? { kind: "info" as const, module, escapedModule, version, key }
    : { kind: "query" as const, module, escapedModule, query: version, key };
  const decision = decide(parts.rules, request);

  const known = parts.recent(module, version);
  const exchanges = isLive || known.length === 0 ? [await parts.askNow(`/${key}`), ...known] : known;
  return {
    schemaVersion: 1,
    module,
    version,
    decision: {
      action: decision.action,
      rule: decision.rule?.source ?? null,
      reason: decision.reason,
      private: decision.private,
      upstreams: decision.upstreams,
    },
    chain: parts.health(),
    cache: await describeCache(parts, [
      listKey(escapedModule),
      key,
      modKey(escapedModule, escapedVersion),
      zipKey(escapedModule, escapedVersion),
    ]),
    requests: exchanges.slice(0, 10).map(describeExchange),
  };
}

async function describeCache(parts: ExplainParts, keys: readonly string[]): Promise<object[]> {
  const rows: object[] = [];
  for (const key of keys) {
    const file = await parts.store.find(key);
    const meta = parts.store.answerMeta(key);
    const sinceMs = meta?.confirmedAtMs ?? file?.storedAtMs ?? null;
    rows.push({
      key,
      cached: file !== null,
      bytes: file?.size ?? null,
      upstream: meta?.upstream ?? null,
      ageSeconds: sinceMs === null ? null : Math.max(0, Math.floor((parts.clock.now() - sinceMs) / 1000)),
    });
  }
  return rows;
}

function describeExchange(exchange: Exchange): object {
  return {
    requestId: exchange.id,
    time: new Date(exchange.startedAtMs).toISOString(),
    endpoint: exchange.endpoint,
    verdict: exchange.verdict,
    status: exchange.status,
    cache: exchange.cache,
    upstream: exchange.upstream,
    tookMs: Math.round(exchange.tookMs * 10) / 10,
    generation: exchange.generation,
    problem: exchange.problem === null ? null : { code: exchange.problem.code, message: exchange.problem.message },
    tries: exchange.tries,
  };
}
