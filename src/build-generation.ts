import { join } from "node:path";
import { type Dispatcher, EnvHttpProxyAgent } from "undici";
import type { Config } from "./config/config.ts";
import { policyInputOf } from "./config/policy-input.ts";
import type { ExchangeMaker } from "./gateway/exchange-maker.ts";
import { type ChecksumDatabases, checksumDatabases } from "./gateway/checksum-databases.ts";
import { Prover } from "./gateway/prover.ts";
import { Obtainer } from "./gateway/obtain.ts";
import { Gateway } from "./gateway/serve.ts";
import { sumdbChoice } from "./gateway/sumdb-choice.ts";
import { readVulndb } from "./gateway/read-vulndb.ts";
import { vulndbChain } from "./gateway/vulndb-way.ts";
import { sumdbChain } from "./gateway/sumdb-way.ts";
import { holdsOf } from "./holds/holds-of.ts";
import { ValidationWebhook } from "./hooks/validation-webhook.ts";
import type { Clock } from "./kernel/clock.ts";
import type { Problem } from "./kernel/problem.ts";
import type { Random } from "./kernel/random.ts";
import { compileRules, type CompiledRules } from "./policy/decide.ts";
import type { Witness } from "./ports/exchange.ts";
import type { Store } from "./ports/store.ts";
import type { Trust } from "./ports/trust.ts";
import type { ChecksumDatabase } from "./ports/checksum-database.ts";
import type { Chain } from "./ports/upstream.ts";
import type { Generation } from "./rollout/generation.ts";
import { nodeDisk } from "./store/node-disk.ts";
import type { Colleagues } from "./processes/colleagues.ts";
import { childTraceparent } from "./telemetry/trace-context.ts";
import { createChain } from "./upstream/chain.ts";
import { createDirect } from "./upstream/direct.ts";
import { HttpGoGetOrigin } from "./upstream/go-get-origin.ts";
import { processGroups } from "./upstream/process-group.ts";

/** What a process is told of itself and of the world. */
export interface World {
  readonly version: string;
  /** One token, the same for all processes of one gateway. */
  readonly selfId: string;
  readonly clock: Clock;
  readonly random: Random;
  /** True in the one process that does background work on the data folder. */
  readonly isFirst: boolean;
  /** Where this process listens beside others of its gateway, in the order of `listen`; null where it is not so. */
  readonly claimed: readonly string[] | null;
  /** The other processes of this gateway. */
  readonly colleagues: Colleagues;
}

/** A generation with the parts that explain and metrics look into. */
export type BuiltGeneration = Generation & {
  readonly gateway: Gateway;
  readonly rules: CompiledRules;
  readonly chain: Chain;
  readonly obtainer: Obtainer;
  readonly prover: Prover;
  /** The checksum database that knows a module which is not private. */
  readonly databaseOf: (module: string) => ChecksumDatabase | null;
  readonly databaseWith: ChecksumDatabases["databaseWith"];
};

/** What all generations share. */
export interface GenerationParts {
  readonly world: World;
  readonly store: Store;
  readonly trust: Trust;
  readonly witnesses: readonly Witness[];
  readonly exchanges: ExchangeMaker;
  readonly onPublishFailure: (problem: Problem, key: string) => void;
}

/** One load of the configuration made into a gateway with its chain; no connection yet. CONFIG_INVALID. */
export async function buildGeneration(
  config: Config,
  number: number,
  parts: GenerationParts,
): Promise<BuiltGeneration> {
  const { world, store } = parts;
  const { clock, random } = world;
  const further = Object.values(config.upstreams);
  const direct = createDirect({
    folder: join(config.data, "direct"),
    goBinary: config.direct.goBinary,
    environment: config.direct.environment,
    concurrency: config.direct.concurrency,
    timeoutMs: config.direct.timeoutMs,
    run: processGroups(clock),
    disk: nodeDisk,
    clock,
  });
  const chainParts = {
    clock,
    random,
    disk: nodeDisk,
    identity: { selfId: world.selfId, userAgent: `modgate/${world.version}` },
    proxies: config.proxyEnvironment,
    direct,
  };
  const chain = await createChain({ ...chainParts, elements: config.chain, further });
  const like = config.chain[0]?.upstream;
  const vulnerabilities =
    config.vulndb === null || like === undefined
      ? null
      : await createChain({ ...chainParts, elements: vulndbChain(config.vulndb, like), further: [] });
  const sumdbs = sumdbChoice(config);
  const sumdbChains = new Map<string, Chain>();
  for (const sumdb of sumdbs.all.values()) {
    // Without one it is asked in the cache alone.
    if (like === undefined || config.network === "offline") break;
    const elements = sumdbChain(sumdb, config.chain, like);
    sumdbChains.set(sumdb.name, await createChain({ ...chainParts, elements, further: [] }));
  }
  const { databaseOf, databaseNamed, databaseWith } = checksumDatabases({
    choice: sumdbs,
    chains: sumdbChains,
    store,
    trust: parts.trust,
    clock,
  });
  const web = webDispatcher(config);
  const rules = compileRules(policyInputOf(config));
  const prover = new Prover({ databaseOf, ...parts.trust, clock });
  const obtainer = new Obtainer({
    config,
    store,
    chain,
    vulndbChain: vulnerabilities,
    sumdbs,
    databaseNamed,
    prover,
    clock,
    onPublishFailure: parts.onPublishFailure,
  });
  const gateway = new Gateway({
    config,
    generation: number,
    rules,
    store,
    obtainer,
    holds: holdsOf(config, {
      trust: parts.trust,
      rules,
      databaseOf,
      store,
      clock,
      readVulndb: (path, signal) => readVulndb({ obtainer, exchanges: parts.exchanges }, path, signal),
    }),
    validator: config.webhook === null ? null : new ValidationWebhook(config.webhook, clock, web),
    goGetOrigin: new HttpGoGetOrigin(web, clock, 30_000),
    clock,
    exchanges: parts.exchanges,
    witnesses: parts.witnesses,
    selfId: world.selfId,
    upstreamNames: namesAndHosts(chain),
    newTrace: () => childTraceparent(undefined, world.random),
  });
  return {
    number,
    config,
    gateway,
    rules,
    chain,
    obtainer,
    prover,
    databaseOf,
    databaseWith,
    serve: (ask, reply) => gateway.serve(ask, reply),
    abandon: () => obtainer.abandon(),
    async close() {
      await obtainer.idle();
      await Promise.all(
        [chain, ...sumdbChains.values(), ...(vulnerabilities ? [vulnerabilities] : []), direct, web].map((part) =>
          part.close(),
        ),
      );
    },
  };
}

function namesAndHosts(chain: Chain): Map<string, string> {
  const names = new Map(chain.health().map(({ upstream, host }) => [host.toLowerCase(), upstream]));
  for (const name of chain.names) names.set(name.toLowerCase(), name);
  return names;
}

function webDispatcher(config: Config): Dispatcher {
  const { httpProxy, httpsProxy, noProxy } = config.proxyEnvironment;
  // "" is none; left out, the agent would read the environment by itself.
  return new EnvHttpProxyAgent({
    httpProxy: httpProxy ?? "",
    httpsProxy: httpsProxy ?? "",
    noProxy: noProxy ?? "",
  });
}
