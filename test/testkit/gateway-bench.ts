import { loadConfig } from "../../src/config/load-config.ts";
import { policyInputOf } from "../../src/config/policy-input.ts";
import type { Config } from "../../src/config/config.ts";
import { ExchangeMaker } from "../../src/gateway/exchange-maker.ts";
import { sumdbChoice } from "../../src/gateway/sumdb-choice.ts";
import { Prover } from "../../src/gateway/prover.ts";
import { HashPool } from "../../src/hashing/hash-pool.ts";
import { trialTrust } from "../../src/store/open-trust.ts";
import { Obtainer } from "../../src/gateway/obtain.ts";
import { Gateway } from "../../src/gateway/serve.ts";
import type { Problem } from "../../src/kernel/problem.ts";
import { seededRandom } from "../../src/kernel/random.ts";
import { compileRules } from "../../src/policy/decide.ts";
import type { Artifact } from "../../src/ports/ask.ts";
import type { Exchange } from "../../src/ports/exchange.ts";
import type { Hold } from "../../src/ports/hold.ts";
import type { SecurityEvent } from "../../src/ports/security-event.ts";
import type { Validator } from "../../src/ports/validator.ts";
import { MemoryStore } from "../../src/store/memory-store.ts";
import { nodeDisk } from "../../src/store/node-disk.ts";
import { createChain } from "../../src/upstream/chain.ts";
import { fakeSources } from "./config-sources.ts";
import { FakeClock } from "./fake-clock.ts";

/** What one request on the bench came to. */
export interface BenchAnswer {
  readonly status: number;
  /** The body; the refusal's message where it was refused. */
  readonly body: string;
  /** Null where it was refused. */
  readonly artifact: Artifact | null;
  readonly problem: Problem | null;
  readonly exchange: Exchange;
}

/** A whole gateway over memory, without a listener: real chain, real steps, a clock that the test moves. */
export interface GatewayBench extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly store: MemoryStore;
  readonly config: Config;
  /** Every exchange that has ended, in order. */
  readonly exchanges: readonly Exchange[];
  readonly securityEvents: readonly SecurityEvent[];
  get(path: string, headers?: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<BenchAnswer>;
  /** Resolves when all that was fetched is published. */
  idle(): Promise<void>;
  /** Gives up what upstreams still owe, as a gateway that ends. */
  abandon(): void;
}

export interface BenchOptions {
  readonly clock?: FakeClock;
  readonly store?: MemoryStore;
  readonly validator?: Validator;
  readonly holds?: readonly Hold[];
}

/**
 * Makes the bench of a configuration, written as in modgate.yaml. Upstreams are asked once, without retries, and
 * their breakers never open, unless it says otherwise: nobody moves the clock meanwhile.
 */
export async function gatewayBench(settings: object, options: BenchOptions = {}): Promise<GatewayBench> {
  const { clock = new FakeClock() } = options;
  const { store = new MemoryStore(clock) } = options;
  const text = JSON.stringify({
    sumdb: "off",
    upstreamDefaults: { retry: { attempts: 1 }, breaker: { failures: 1000 } },
    ...settings,
  });
  const file = "/desk/modgate.yaml";
  const { config } = await loadConfig(fakeSources({ flags: { config: file }, files: { [file]: text } }));
  const random = seededRandom(1);
  const chain = await createChain({
    elements: config.chain,
    further: Object.values(config.upstreams),
    clock,
    random,
    disk: nodeDisk,
    identity: { selfId: "bench", userAgent: "modgate/test" },
    proxies: config.proxyEnvironment,
    direct: null,
  });
  const hasher = new HashPool({ threads: 1, maxWaiting: 1000 });
  const securityEvents: SecurityEvent[] = [];
  const watch = { event: (event: SecurityEvent) => void securityEvents.push(event), trouble: () => {} };
  const prover = new Prover({
    databaseOf: () => null,
    ...trialTrust(),
    hasher,
    watch,
    clock,
  });
  const obtainer = new Obtainer({
    config,
    store,
    chain,
    vulndbChain: null,
    sumdbs: sumdbChoice(config),
    databaseNamed: () => null,
    prover,
    clock,
    onPublishFailure: () => {},
  });
  const exchanges: Exchange[] = [];
  let requests = 0;
  const gateway = new Gateway({
    config,
    generation: 1,
    rules: compileRules(policyInputOf(config)),
    store,
    obtainer,
    holds: options.holds ?? [],
    validator: options.validator ?? null,
    goGetOrigin: { page: () => Promise.reject(new TypeError("The bench has no origins")) },
    clock,
    exchanges: new ExchangeMaker({ clock, nextId: () => `bench${++requests}`, trace: (incoming) => incoming }),
    witnesses: [{ record: (exchange) => void exchanges.push(exchange) }],
    selfId: "bench",
    upstreamNames: new Map(chain.names.map((name) => [name.toLowerCase(), name])),
    newTrace: () => "",
  });
  return {
    clock,
    store,
    config,
    exchanges,
    securityEvents,
    get: (path, headers = {}, signal = new AbortController().signal) => ask(gateway, { path, headers, signal }),
    idle: () => obtainer.idle(),
    abandon: () => obtainer.abandon(),
    [Symbol.asyncDispose]() {
      // Where a test fails in the middle, a flight may hang that only the end of its upstream ends.
      chain.close().catch(() => {});
      return Promise.resolve();
    },
  };
}

async function ask(
  gateway: Gateway,
  wish: { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<BenchAnswer> {
  const { path, headers, signal } = wish;
  let artifact: Artifact | null = null;
  let problem: Problem | null = null;
  let body = "";
  const exchange = await gateway.serve(
    { method: "GET", path, query: "", client: "10.0.0.12", header: (name) => headers[name], signal },
    {
      async send(given) {
        artifact = given;
        for await (const chunk of given.file.stream()) body += Buffer.from(chunk).toString();
        return { status: 200, bytes: given.file.size };
      },
      refuse(given) {
        problem = given;
        body = given.message;
        return { status: given.status, bytes: 0 };
      },
    },
  );
  return { status: exchange.status, body, artifact, problem, exchange };
}
