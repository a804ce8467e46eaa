import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Config } from "../config/config.ts";
import type { ChecksumDatabase } from "../ports/checksum-database.ts";
import type { Artifact } from "../ports/ask.ts";
import type { Exchange } from "../ports/exchange.ts";
import type { AnswerMeta, Store, StoredFile } from "../ports/store.ts";
import type { Chain } from "../ports/upstream.ts";
import { cacheControlOf, contentTypeOf, isImmutable } from "./artifact.ts";
import { type ConfirmFlight, Confirmer } from "./confirmer.ts";
import { Disproofs } from "./disproofs.ts";
import { type Errand, type FetchErrand, type FileRequest, flightKey, nobodyMayServe } from "./errand.ts";
import { isClientGone } from "./exchange-maker.ts";
import { type FetchFlight, startFetch } from "./fetch-flight.ts";
import { Flights, unlessAborted } from "./flights.ts";
import { freshnessOf, mayServeStale } from "./freshness.ts";
import { answerFromCacheAlone } from "./offline.ts";
import type { Prover } from "./prover.ts";
import { PrefixProbe } from "./prefix-probe.ts";
import type { SumdbChoice } from "./sumdb-choice.ts";
import { startSumdbFlight } from "./sumdb-flight.ts";
import { noVulndb } from "./vulndb-way.ts";
import { answerSupported } from "./sumdb-way.ts";

interface ObtainParts {
  readonly config: Config;
  readonly store: Store;
  readonly chain: Chain;
  /** Of the vulnerability database; null where there is none. */
  readonly vulndbChain: Chain | null;
  readonly sumdbs: SumdbChoice;
  readonly clock: Clock;
  readonly prover: Prover;
  /** A checksum database that the gateway serves; null where it serves none of that name. */
  readonly databaseNamed: (name: string) => ChecksumDatabase | null;
  readonly onPublishFailure: (problem: Problem, key: string) => void;
}

interface Copy {
  readonly file: StoredFile;
  /** Null where no upstream ever confirmed it, as after an import. */
  readonly meta: AnswerMeta | null;
  readonly ageMs: number;
}

interface Provenance {
  readonly upstream: string | null;
  readonly ageSeconds: number | null;
  readonly stale: boolean;
  readonly isPersonal?: boolean;
}

/** The middle of the straight line: the cache where it may answer, else one flight along the chain. */
export class Obtainer {
  readonly #parts: ObtainParts;
  readonly #flights = new Flights<FetchFlight>();
  readonly #confirmer: Confirmer;
  readonly #disproofs: Disproofs;
  readonly #prefixes: PrefixProbe;
  // What is served again and again from memory; lives as long as the file it describes.
  readonly #artifacts = new WeakMap<StoredFile, Artifact>();

  constructor(parts: ObtainParts) {
    this.#parts = parts;
    this.#confirmer = new Confirmer(parts);
    const { store, clock, config } = parts;
    this.#disproofs = new Disproofs({ store, clock, negativeTtlMs: config.cache.negativeTtlMs });
    this.#prefixes = new PrefixProbe(clock);
  }

  /** The cache alone answers. */
  get isOffline(): boolean {
    return this.#parts.config.network === "offline";
  }

  get flightsUnderWay(): number {
    return this.#flights.size;
  }

  /** Gives up every flight that has no result yet, for a gateway that ends. */
  abandon(): void {
    const reason = new Problem("SHUTTING_DOWN", "The gateway ends before the upstream has answered");
    this.#flights.giveUp(reason);
    this.#confirmer.giveUp(reason);
  }

  /** Resolves when every flight has landed and is published. */
  async idle(): Promise<void> {
    await Promise.all([this.#flights.idle(), this.#confirmer.idle()]);
  }

  /** A version's file that memory holds, at once; null says nothing of the disk. For requests that ask nothing special. */
  fromMemory(exchange: Exchange, request: FileRequest): Artifact | null {
    if (!isImmutable(request)) return null;
    const file = this.#parts.store.peek(request.key);
    const artifact = file && this.#artifacts.get(file);
    if (artifact === undefined) return null;
    exchange.cache = "hit";
    return artifact;
  }

  /** The artifact for the errand, or a Problem with the verdict. Fills `cache`, `tries` and `upstream` of the exchange. */
  async obtain(exchange: Exchange, errand: Errand): Promise<Artifact> {
    const { store } = this.#parts;
    const { request } = errand;
    const supported = answerSupported(this.#parts.sumdbs, request, this.#parts.clock.now());
    if (supported) return this.#artifact(errand, supported, { upstream: null, ageSeconds: null, stale: false });
    const landed = isImmutable(request) ? this.#flights.find(flightKey(errand))?.found : null;
    if (landed) {
      // Whole, checked and being published: the cache has it in all but name.
      exchange.cache = "hit";
      const { file, upstream, isPersonal } = landed;
      return this.#artifact(errand, file, { upstream, ageSeconds: null, stale: false, isPersonal });
    }
    const file = store.peek(request.key) ?? (await store.find(request.key));
    if (errand.cacheOnly) return this.#fromCacheAlone(exchange, errand, file);
    if (file === null) return this.#fetch(exchange, errand, null);
    if (isImmutable(request)) return this.#immutable(exchange, errand, file);
    return this.#mutable(exchange, errand, file);
  }

  async #immutable(exchange: Exchange, errand: Errand, file: StoredFile): Promise<Artifact> {
    const { chosenUpstream: chosen, request } = errand;
    const known = this.#artifacts.get(file) ?? this.#immutableArtifact(errand, file);
    if (chosen !== null && known.upstream !== chosen) return this.#fetch(exchange, errand, null);
    if (this.#parts.config.confirm !== null && request.kind !== "zip") return this.#confirmed(exchange, errand, file);
    exchange.cache = "hit";
    return known;
  }

  async #confirmed(exchange: Exchange, errand: Errand, file: StoredFile): Promise<Artifact> {
    const key = flightKey(errand);
    const absent = this.#disproofs.absence(key, errand.request);
    if (absent) return refuse(exchange, absent);
    const asked = this.#confirmer.ask(errand, file);
    if (asked === null) {
      exchange.cache = "hit";
      return this.#artifacts.get(file) ?? this.#immutableArtifact(errand, file);
    }
    exchange.cache = asked.shared ? "shared" : "revalidated";
    if (!asked.shared) asked.flight.result.catch((error) => this.#disproofs.learn(key, errand.request, error));
    await this.#landingOf(exchange, errand, asked);
    return this.#immutableArtifact(errand, file);
  }

  #immutableArtifact(errand: Errand, file: StoredFile): Artifact {
    const { request } = errand;
    const meta = this.#parts.store.answerMeta(file.key);
    const upstream = request.kind === "sumdb" ? request.name : (meta?.upstream ?? null);
    const artifact = this.#artifact(errand, file, { upstream, ageSeconds: null, stale: false });
    // Who served it is known a moment after it is visible; until then nothing is kept.
    if (upstream !== null) this.#artifacts.set(file, artifact);
    return artifact;
  }

  async #mutable(exchange: Exchange, errand: Errand, file: StoredFile): Promise<Artifact> {
    const { store, clock, config } = this.#parts;
    if (errand.chosenUpstream !== null) return this.#fetch(exchange, errand, null);
    const meta = store.answerMeta(file.key);
    const ageMs = Math.max(0, clock.now() - (meta?.confirmedAtMs ?? file.storedAtMs));
    const copy = { file, meta, ageMs };
    const isDoubtful = meta === null || this.#disproofs.isRefuted(flightKey(errand));
    switch (isDoubtful ? "ask" : freshnessOf(ageMs, config.cache)) {
      case "fresh":
        exchange.cache = "hit";
        return this.#copyAsItIs(errand, copy, false);
      case "behind":
        // A failure is of use to whoever asks next.
        this.#launch(errand, meta).flight.result.catch(() => {});
        exchange.cache = "stale";
        return this.#copyAsItIs(errand, copy, false);
      case "ask":
        return this.#fetch(exchange, errand, copy).catch((error: unknown) =>
          this.#copyInTrouble(exchange, errand, { copy, error }),
        );
    }
  }

  /** stale-if-error: over trouble, never over what an upstream has really said of it. */
  #copyInTrouble(
    exchange: Exchange,
    errand: Errand,
    { copy, error }: { readonly copy: Copy; readonly error: unknown },
  ): Artifact {
    const isTrouble =
      error instanceof Problem &&
      (error.verdict === "unreachable" || error.verdict === "damaged") &&
      error.code !== "INTERNAL" &&
      error.code !== "SUMDB_FORK";
    if (
      !isTrouble ||
      this.#disproofs.isRefuted(flightKey(errand)) ||
      !mayServeStale(copy.ageMs, this.#parts.config.cache)
    )
      throw error;
    exchange.cache = "stale";
    exchange.problem = error;
    return this.#copyAsItIs(errand, copy, true);
  }

  #copyAsItIs(errand: Errand, { file, meta, ageMs }: Copy, stale: boolean): Artifact {
    return this.#artifact(errand, file, {
      upstream: meta?.upstream ?? null,
      ageSeconds: Math.floor(ageMs / 1000),
      stale,
    });
  }

  async #fetch(exchange: Exchange, errand: Errand, copy: Copy | null): Promise<Artifact> {
    const absent = this.#disproofs.absence(flightKey(errand), errand.request);
    if (absent) return refuse(exchange, absent);
    if (errand.decision.upstreams?.length === 0) throw nobodyMayServe(errand);
    const launched = this.#launch(errand, copy?.meta ?? null);
    exchange.cache = launched.shared ? "shared" : "miss";
    const landing = await this.#landingOf(exchange, errand, launched);
    const { upstream } = landing;
    const ageSeconds = isImmutable(errand.request) ? null : 0;
    if (landing.kind === "found") {
      const { file, isPersonal } = landing;
      return this.#artifact(errand, file, { upstream, ageSeconds, stale: false, isPersonal });
    }
    exchange.cache = launched.shared ? "shared" : "revalidated";
    const file = copy?.file ?? (await this.#parts.store.find(errand.request.key));
    if (file === null) throw new Problem("STORE_FAILED", `${errand.request.key} was removed while it was confirmed`);
    return this.#artifact(errand, file, { upstream, ageSeconds, stale: false });
  }

  /** Waits for a flight, as long as the client does, and tells the exchange what it learnt on the way. */
  async #landingOf<T>(
    exchange: Exchange,
    errand: Errand,
    {
      flight,
      shared,
    }: { readonly flight: (FetchFlight | ConfirmFlight) & { readonly result: Promise<T> }; readonly shared: boolean },
  ): Promise<T> {
    try {
      return await unlessAborted(flight.result, errand.signal);
    } catch (error) {
      exchange.upstream = flight.tries.at(-1)?.upstream ?? null;
      throw isClientGone(error, errand.signal) ? error : this.#disproofs.problemOf(errand.request, error);
    } finally {
      if (!shared) exchange.tries = [...flight.tries];
    }
  }

  #launch(errand: Errand, known: AnswerMeta | null): { readonly flight: FetchFlight; readonly shared: boolean } {
    const { request } = errand;
    const key = flightKey(errand);
    const launched = this.#flights.join(key, () => {
      if (request.kind === "sumdb") return startSumdbFlight(this.#parts, request);
      return this.#startFetch({ ...errand, request }, known);
    });
    if (!launched.shared) {
      launched.flight.result.then(
        () => this.#disproofs.forget(key),
        (error: unknown) => this.#disproofs.learn(key, errand.request, error),
      );
    }
    return launched;
  }

  #startFetch(errand: FetchErrand, known: AnswerMeta | null): FetchFlight {
    const { config, vulndbChain } = this.#parts;
    const chain = errand.request.kind === "vulndb" ? vulndbChain : this.#parts.chain;
    if (chain === null) throw noVulndb();
    return startFetch(
      { ...this.#parts, chain, prefixes: this.#prefixes, isShared: config.processes > 1 },
      errand,
      known,
    );
  }

  async #fromCacheAlone(exchange: Exchange, errand: Errand, visible: StoredFile | null): Promise<Artifact> {
    const { store, clock, config } = this.#parts;
    // What is served already counts as cached, though it is not on the disk yet.
    const file = visible ?? this.#flights.find(flightKey(errand))?.found?.file ?? null;
    const answer = await answerFromCacheAlone({ store, clock, config }, errand.request, file);
    exchange.cache = "hit";
    if (isImmutable(errand.request)) return this.#artifacts.get(answer) ?? this.#immutableArtifact(errand, answer);
    const meta = store.answerMeta(answer.key);
    const ageSeconds = meta ? Math.max(0, Math.floor((clock.now() - meta.confirmedAtMs) / 1000)) : null;
    return this.#artifact(errand, answer, { upstream: meta?.upstream ?? null, ageSeconds, stale: false });
  }

  #artifact(errand: Errand, file: StoredFile, { isPersonal = false, ...rest }: Provenance): Artifact {
    const { request } = errand;
    const cacheControl = isPersonal ? "private, no-store" : cacheControlOf(request, this.#parts.config.cache.ttlMs);
    return { file, contentType: contentTypeOf(request), cacheControl, ...rest };
  }
}

function refuse(exchange: Exchange, problem: Problem): never {
  exchange.cache = "hit";
  throw problem;
}
