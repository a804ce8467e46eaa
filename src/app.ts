import { lookup } from "node:dns/promises";
import { availableParallelism, networkInterfaces } from "node:os";
import type { OpenStore, RunningGateway, Workshop } from "./cli/cli-context.ts";
import type { Config } from "./config/config.ts";
import type { LoadedConfig } from "./config/load-config.ts";
import { watchFiles } from "./config/watch-files.ts";
import { ExchangeMaker } from "./gateway/exchange-maker.ts";
import { explainModule } from "./gateway/explain.ts";
import { ImportProver } from "./gateway/import-prover.ts";
import { askInProcess } from "./gateway/in-process.ts";
import { Draining } from "./http/draining.ts";
import { frontDoor } from "./http/front-door.ts";
import { type Listening, listen } from "./http/listen.ts";
import { OperatingPages } from "./http/operating-pages.ts";
import { Problem } from "./kernel/problem.ts";
import { requestIds } from "./kernel/request-id.ts";
import type { Witness } from "./ports/exchange.ts";
import { Rollout } from "./rollout/rollout.ts";
import { smokeInProcess } from "./rollout/smoke-in-process.ts";
import { openFileStore } from "./store/file-store.ts";
import { MemoryStore } from "./store/memory-store.ts";
import { openTrust, trialTrust } from "./store/open-trust.ts";
import { SqliteAccessRecords } from "./store/sqlite-access-records.ts";
import { nodeDisk } from "./store/node-disk.ts";
import { HashPool } from "./hashing/hash-pool.ts";
import { WorkerPublisher } from "./store/worker-publisher.ts";
import { type BuiltGeneration, buildGeneration, type World } from "./build-generation.ts";
import { cacheVerifier, verifyInBackground } from "./cache-upkeep.ts";
import { AccessLog } from "./telemetry/access-log.ts";
import { LogDestination } from "./telemetry/log-destination.ts";
import { Metrics } from "./telemetry/metrics.ts";
import { metricsPage } from "./telemetry/metrics-page.ts";
import { processLog } from "./telemetry/process-log.ts";
import { RecentExchanges } from "./telemetry/recent-exchanges.ts";
import { securityLog } from "./telemetry/security-log.ts";
import { type LinePaint, TerminalLines } from "./telemetry/terminal-lines.ts";
import { childTraceparent } from "./telemetry/trace-context.ts";
import { findLoop } from "./upstream/loop.ts";

// Two threads keep up with a fast upstream; more would take the cores from the thread that answers. Who waits here holds
// a connection of an upstream, and those are bounded already.
const hashing = { threads: Math.min(2, availableParallelism()), maxWaiting: 10_000 };

/** Opens the store alone. */
export async function openStore({ config }: LoadedConfig, world: World): Promise<OpenStore> {
  const files = await openFileStore(storeOptions(config, world, { upkeep: "none", onTrouble: () => {} }));
  return { files, [Symbol.asyncDispose]: () => files.close() };
}

/** Opens the store and a gateway over it, without listeners; what it logs goes nowhere. */
export async function openWorkshop({ config }: LoadedConfig, world: World): Promise<Workshop> {
  const store = await openFileStore(storeOptions(config, world, { upkeep: "none", onTrouble: () => {} }));
  const failures: Problem[] = [];
  const hasher = new HashPool(hashing);
  const watch = { event: () => {}, trouble: () => {} };
  const trust = { ...openTrust(store.parts), hasher, watch };
  const generation = await buildGeneration(config, 1, {
    world,
    store,
    trust,
    witnesses: [],
    exchanges: exchangeMaker(world),
    onPublishFailure: (problem) => failures.push(problem),
  });
  return {
    files: store,
    config,
    trust,
    databaseOf: (module) => (generation.rules.decideModule(module).private ? null : generation.databaseOf(module)),
    verifier: cacheVerifier(generation, { store, trust, clock: world.clock }),
    importProver: new ImportProver({
      store,
      prover: generation.prover,
      isPrivate: (module) => generation.rules.decideModule(module).private,
      databaseWith: generation.databaseWith,
    }),
    serve: (ask, reply) => generation.serve(ask, reply),
    async idle() {
      await generation.obtainer.idle();
      if (failures[0]) throw failures[0];
    },
    async [Symbol.asyncDispose]() {
      generation.abandon();
      await generation.close();
      await hasher[Symbol.asyncDispose]();
      trust.firstSeen.close();
      trust.sightings.close();
      await store.close();
    },
  };
}

/** Starts the whole gateway. Rejects with CONFIG_INVALID or STORE_FAILED, with nothing left open. */
export async function startGateway(
  loaded: LoadedConfig,
  world: World,
  { load, logPaint }: { readonly load: () => Promise<LoadedConfig>; readonly logPaint: LinePaint | null },
): Promise<RunningGateway> {
  const { config } = loaded;
  const { clock } = world;
  await using stack = new AsyncDisposableStack();
  const logs = stack.use(await LogDestination.open({ file: config.log.file, clock, onTrouble: () => {} }));
  const logLines = logPaint === null ? logs : new TerminalLines(logs, logPaint);
  const log = processLog(logLines, config.log.level);
  const onTrouble = (problem: Problem): void => log.error({ code: problem.code, error: problem }, problem.message);
  const store = await openFileStore(
    storeOptions(config, world, { upkeep: world.isFirst ? "background" : "none", onTrouble }),
  );
  stack.defer(() => store.close());
  const draining = new Draining();
  const recent = new RecentExchanges();
  let rollout: Rollout | null = null;
  const current = (): BuiltGeneration | null => (rollout?.current as BuiltGeneration | undefined) ?? null;
  const metrics = new Metrics({
    inFlight: () => draining.inFlight,
    storeStats: () => store.stats(),
    health: () => current()?.chain.health() ?? [],
  });
  const hasher = stack.use(new HashPool(hashing));
  const watch = securityLog(log, metrics);
  const trust = { ...openTrust(store.parts), hasher, watch };
  stack.defer(() => {
    trust.firstSeen.close();
    trust.sightings.close();
  });
  const witnesses: Witness[] = [metrics, recent];
  if (config.accessKeepMs !== null) {
    const { path, keepMs } = { path: store.parts.folder.access, keepMs: config.accessKeepMs };
    const records = new SqliteAccessRecords({ path, keepMs, clock, onTrouble });
    stack.defer(() => records.close());
    witnesses.push(records);
  }
  if (config.log.access) witnesses.push(new AccessLog(logLines, config.log.level));
  const parts = {
    world,
    store,
    trust,
    witnesses,
    exchanges: exchangeMaker(world),
    onPublishFailure: (problem: Problem, key: string) =>
      log.error({ code: problem.code, key, error: problem }, "served, but not published"),
  };

  const running = new Rollout(
    {
      clock,
      load: async () => (await load()).config,
      build: (next, number) => buildGeneration(next, number, parts),
      smoke: async (next, signal) => {
        // Over an empty store, so that the answers come through the new chain and not from the cache.
        const trial = await buildGeneration(next, 0, {
          ...parts,
          store: new MemoryStore(clock),
          trust: { ...trialTrust(), hasher, watch },
          witnesses: [],
        });
        const giveUp = (): void => trial.abandon();
        signal.addEventListener("abort", giveUp);
        try {
          const ask = async (path: string) => (await askInProcess(trial, path, signal)).exchange;
          return await smokeInProcess({ config: next, store, ask }, clock.now());
        } finally {
          signal.removeEventListener("abort", giveUp);
          await trial.close();
        }
      },
      onEvent: (event) => {
        const isGood = event.kind === "promoted" || event.kind === "canary";
        log[isGood ? "info" : "warn"](event, `configuration ${event.kind}`);
        if (event.kind === "rolled-back") world.colleagues.announceTakenBack(event.generation, event.reason);
      },
    },
    await buildGeneration(config, 1, parts),
  );
  rollout = running;
  stack.defer(() => running.close());
  world.colleagues.answerWith(() => metrics.snapshot());
  world.colleagues.onTakenBack((generation, reason) => running.takeBack(generation, reason));

  const pages = new OperatingPages({
    draining,
    metrics: async () => {
      const page = await metricsPage(await world.colleagues.gatherMetrics(await metrics.snapshot()));
      return { contentType: page.contentType, text: page.text };
    },
    upstreams: () => current()?.chain.health() ?? [],
    probeStore: () => store.stage("probe").then((staged) => staged.discard()),
    explain: (subject, isLive) => {
      const now = current();
      if (now === null) throw new Problem("SHUTTING_DOWN", "The gateway is starting");
      return explainModule(
        {
          config: now.config,
          rules: now.rules,
          store,
          clock,
          health: () => now.chain.health(),
          recent: (module, version) => recent.find(module, version),
          askNow: async (path) => (await askInProcess(now, path, new AbortController().signal)).exchange,
        },
        subject,
        isLive,
      );
    },
  });
  const listeners = await listen(
    config,
    frontDoor({ serve: (ask, reply) => running.serve(ask, reply), pages, draining, clock }),
    world.claimed,
  );
  world.colleagues.announceListening();
  stack.defer(async () => {
    const drained = await draining.drain(listeners, clock, {
      limitMs: config.drainMs,
      giveUp: () => running.giveUp(),
    });
    if (drained.givenUp > 0) log.warn({ ...drained }, "requests were under way at the end of the drain time");
  });
  await refuseLoop(config, listeners);
  if (world.isFirst) stack.use(verifyInBackground(current, { store, trust, clock, onTrouble }));
  for (const warning of loaded.warnings) log.warn({ code: warning.code }, warning.message);
  stack.use(watchFiles(loaded.watched, clock, () => void running.propose()));
  const open = stack.move();
  return {
    urls: listeners.map(({ url }) => url),
    reload: () => running.propose(),
    reopenLogs: () => void logs.reopen(),
    stop: () => open.disposeAsync(),
  };
}

function storeOptions(
  config: Config,
  world: World,
  rest: { readonly upkeep: "background" | "none"; readonly onTrouble: (problem: Problem) => void },
): Parameters<typeof openFileStore>[0] {
  const { maxBytes, memoryBytes } = config.cache;
  const publisher = (): WorkerPublisher => new WorkerPublisher();
  return { data: config.data, disk: nodeDisk, clock: world.clock, maxBytes, memoryBytes, publisher, ...rest };
}

function exchangeMaker(world: World): ExchangeMaker {
  return new ExchangeMaker({
    clock: world.clock,
    nextId: requestIds(world.clock.now(), world.random),
    trace: (incoming) => childTraceparent(incoming, world.random),
  });
}

async function refuseLoop(config: Config, listeners: readonly Listening[]): Promise<void> {
  const bound = listeners.flatMap(({ url }) => {
    const parsed = URL.parse(url);
    if (parsed === null || parsed.hostname === "") return [];
    return [{ address: `${parsed.hostname}:${parsed.port || (parsed.protocol === "https:" ? "443" : "80")}` }];
  });
  const upstreams = [...config.chain.map(({ upstream }) => upstream), ...Object.values(config.upstreams)];
  const loop = await findLoop(upstreams, [...bound, ...config.listen], {
    resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    localAddresses: () =>
      Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
  });
  if (loop === null) return;
  throw new Problem(
    "UPSTREAM_LOOP",
    `Upstream ${loop.upstream} leads back to this gateway's own listener ${loop.address}`,
  );
}
