import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Config } from "../config/config.ts";
import type { Exchange } from "../ports/exchange.ts";
import type { AnswerMeta, Store, StoredFile } from "../ports/store.ts";
import type { Chain } from "../ports/upstream.ts";
import { cacheControlOf, contentTypeOf, isImmutable } from "./artifact.ts";
import type { Artifact } from "../ports/ask.ts";
import { confirmCopy } from "./confirm-copy.ts";
import type { Errand } from "./errand.ts";
import { type FetchFlight, type Landing, startFetch } from "./fetch-flight.ts";
import { Flights, unlessAborted } from "./flights.ts";
import { freshnessOf, mayServeStale } from "./freshness.ts";
import { NegativeCache } from "./negative-cache.ts";
import { answerFromCacheAlone } from "./offline.ts";
import { PrefixProbe } from "./prefix-probe.ts";
import { answerSupported } from "./sumdb-way.ts";

interface ObtainParts {
  readonly config: Config;
  readonly store: Store;
  readonly chain: Chain;
  /** For the checksum database; null where it is off. */
  readonly sumdbChain: Chain | null;
  readonly clock: Clock;
  readonly onPublishFailure: (problem: Problem, key: string) => void;
}

/** The middle of the straight line: the cache where it may answer, else one flight along the chain. */
export class Obtainer {
  readonly #parts: ObtainParts;
  readonly #flights = new Flights<FetchFlight>();
  readonly #absences: NegativeCache;
  readonly #prefixes: PrefixProbe;
  // What is served again and again from memory; lives as long as the file it describes.
  readonly #artifacts = new WeakMap<StoredFile, Artifact>();

  constructor(parts: ObtainParts) {
    this.#parts = parts;
    this.#absences = new NegativeCache(parts.config.cache.negativeTtlMs, parts.clock);
    this.#prefixes = new PrefixProbe(parts.clock);
  }

  get flightsUnderWay(): number {
    return this.#flights.size;
  }

  /** Resolves when every flight has landed and is published. */
  idle(): Promise<void> {
    return this.#flights.idle();
  }

  /** The artifact for the errand, or a Problem with the verdict. Fills `cache`, `tries` and age of the exchange. */
  async obtain(exchange: Exchange, errand: Errand): Promise<Artifact> {
    const { store } = this.#parts;
    const { request } = errand;
    const supported = answerSupported(this.#parts.config, request, this.#parts.clock.now());
    if (supported) return this.#artifact(errand, supported, { upstream: null, ageSeconds: null, stale: false });
    const file = store.peek(request.key) ?? (await store.find(request.key));
    if (errand.cacheOnly) return this.#fromCacheAlone(exchange, errand, file);
    if (file === null) return this.#fetch(exchange, errand, null);
    if (isImmutable(request)) return this.#immutable(exchange, errand, file);
    return this.#mutable(exchange, errand, file);
  }

  async #immutable(exchange: Exchange, errand: Errand, file: StoredFile): Promise<Artifact> {
    const chosen = errand.chosenUpstream;
    const known = this.#artifacts.get(file) ?? this.#immutableArtifact(errand, file);
    if (chosen !== null && known.upstream !== chosen) return this.#fetch(exchange, errand, null);
    await confirmCopy(this.#parts, errand, file);
    exchange.cache = "hit";
    return known;
  }

  #immutableArtifact(errand: Errand, file: StoredFile): Artifact {
    const upstream = this.#parts.store.answerMeta(file.key)?.upstream ?? null;
    const artifact = this.#artifact(errand, file, { upstream, ageSeconds: null, stale: false });
    // Another process may have fetched it just now: its word on the upstream comes a moment later.
    if (upstream !== null) this.#artifacts.set(file, artifact);
    return artifact;
  }

  async #mutable(exchange: Exchange, errand: Errand, file: StoredFile): Promise<Artifact> {
    const { store, clock, config } = this.#parts;
    const meta = store.answerMeta(file.key);
    if (meta === null || errand.chosenUpstream !== null) return this.#fetch(exchange, errand, null);
    const ageMs = Math.max(0, clock.now() - meta.confirmedAtMs);
    const age = { upstream: meta.upstream, ageSeconds: Math.floor(ageMs / 1000) };
    switch (freshnessOf(ageMs, config.cache)) {
      case "fresh":
        exchange.cache = "hit";
        return this.#artifact(errand, file, { ...age, stale: false });
      case "behind":
        this.#refreshBehind(errand, meta);
        exchange.cache = "stale";
        return this.#artifact(errand, file, { ...age, stale: false });
      case "ask":
        try {
          return await this.#fetch(exchange, errand, { file, meta });
        } catch (error) {
          const problem = Problem.from(error);
          const isTrouble = problem.verdict === "unreachable" || problem.verdict === "damaged";
          if (!isTrouble || problem.code === "INTERNAL" || !mayServeStale(ageMs, config.cache)) throw error;
          exchange.cache = "stale";
          exchange.problem = problem;
          return this.#artifact(errand, file, { ...age, stale: true });
        }
    }
  }

  #refreshBehind(errand: Errand, meta: AnswerMeta): void {
    const { flight } = this.#launch(errand, meta);
    // Whoever asks once it is too old to be served sees the failure.
    flight.result.catch(() => {});
  }

  async #fetch(
    exchange: Exchange,
    errand: Errand,
    copy: { readonly file: StoredFile; readonly meta: AnswerMeta } | null,
  ): Promise<Artifact> {
    const absent = this.#absences.find(this.#flightKey(errand));
    if (absent) {
      exchange.cache = "hit";
      throw absent;
    }
    if (errand.decision.upstreams?.length === 0) throw nobodyMayServe(errand);
    const { flight, shared } = this.#launch(errand, copy?.meta ?? null);
    exchange.cache = shared ? "shared" : "miss";
    let landing: Landing;
    try {
      landing = await unlessAborted(flight.result, errand.signal);
    } catch (error) {
      const problem = this.#knowingThePast(errand, Problem.from(error));
      this.#absences.remember(this.#flightKey(errand), problem);
      throw problem;
    } finally {
      if (!shared) exchange.tries = [...flight.tries];
    }
    const ageSeconds = isImmutable(errand.request) ? null : 0;
    if (landing.kind === "found") {
      return this.#artifact(errand, landing.file, { upstream: landing.upstream, ageSeconds, stale: false });
    }
    exchange.cache = shared ? "shared" : "revalidated";
    const file = copy?.file ?? (await this.#parts.store.find(errand.request.key));
    if (file === null) throw new Problem("STORE_FAILED", `${errand.request.key} was removed while it was confirmed`);
    return this.#artifact(errand, file, { upstream: landing.upstream, ageSeconds, stale: false });
  }

  #launch(errand: Errand, known: AnswerMeta | null): { readonly flight: FetchFlight; readonly shared: boolean } {
    const { chain, sumdbChain } = this.#parts;
    const way = errand.request.kind === "sumdb" ? sumdbChain : chain;
    if (way === null) throw new Problem("MODULE_ABSENT", "This gateway has no checksum database (sumdb: off)");
    return this.#flights.join(this.#flightKey(errand), () =>
      startFetch(
        { ...this.#parts, chain: way, prefixes: this.#prefixes, isShared: this.#parts.config.processes > 1 },
        errand,
        known,
      ),
    );
  }

  #flightKey(errand: Errand): string {
    const who = errand.chosenUpstream ?? errand.decision.upstreams?.join(" ") ?? "";
    // Answers made with somebody's own credentials are not for everybody.
    return `${who}\n${errand.authorization ?? ""}\n${errand.request.key}`;
  }

  /** Absence of what was served here once is 410: it is gone, not misspelt. */
  #knowingThePast(errand: Errand, problem: Problem): Problem {
    if (problem.code !== "MODULE_ABSENT") return problem;
    const { request } = errand;
    const { store } = this.#parts;
    const wasHere =
      request.kind === "info" || request.kind === "mod" || request.kind === "zip"
        ? store.wasSeen(request.module, request.version)
        : request.kind !== "sumdb" && store.answerMeta(request.key) !== null;
    if (!wasHere) return problem;
    return new Problem("MODULE_GONE", `${problem.message}; it was served here before`, {
      tried: problem.tried,
      cause: problem,
    });
  }

  async #fromCacheAlone(exchange: Exchange, errand: Errand, file: StoredFile | null): Promise<Artifact> {
    const { store, clock, config } = this.#parts;
    const answer = await answerFromCacheAlone({ store, clock, config }, errand.request, file);
    exchange.cache = "hit";
    if (isImmutable(errand.request)) return this.#artifacts.get(answer) ?? this.#immutableArtifact(errand, answer);
    const meta = store.answerMeta(answer.key);
    const ageSeconds = meta ? Math.max(0, Math.floor((clock.now() - meta.confirmedAtMs) / 1000)) : null;
    return this.#artifact(errand, answer, { upstream: meta?.upstream ?? null, ageSeconds, stale: false });
  }

  #artifact(
    errand: Errand,
    file: StoredFile,
    rest: { readonly upstream: string | null; readonly ageSeconds: number | null; readonly stale: boolean },
  ): Artifact {
    const { request } = errand;
    const isPersonal = errand.authorization !== null;
    const cacheControl = isPersonal ? "private, no-store" : cacheControlOf(request, this.#parts.config.cache.ttlMs);
    return { file, contentType: contentTypeOf(request), cacheControl, ...rest };
  }
}

function nobodyMayServe(errand: Errand): Problem {
  return new Problem(
    "PRIVATE_NAME",
    `${errand.request.module} is private here, and no upstream of this gateway may serve it`,
    {
      hint: "mark an upstream private: true or add direct to the chain here, or set GOPRIVATE for it on the client",
    },
  );
}
