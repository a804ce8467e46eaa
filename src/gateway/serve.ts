import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Config } from "../config/config.ts";
import { type CompiledRules, decide } from "../policy/decide.ts";
import type { Exchange, Witness } from "../ports/exchange.ts";
import type { GoGetOrigin } from "../ports/go-get-origin.ts";
import type { Store } from "../ports/store.ts";
import type { Validator } from "../ports/validator.ts";
import type { Artifact, Ask, Reply } from "../ports/ask.ts";
import type { View } from "../gomod/view.ts";
import type { Hold } from "../ports/hold.ts";
import { isVersionFile } from "./artifact.ts";
import { drawErrand, type ErrandSubject } from "./draw-errand.ts";
import { answerGoGet } from "./go-get.ts";
import { answerIndex } from "./index-feed.ts";
import { KnownRequests } from "./known-requests.ts";
import type { Errand } from "./errand.ts";
import type { Obtainer } from "./obtain.ts";
import { type ExchangeMaker, isClientGone } from "./exchange-maker.ts";
import { compressedArtifact } from "./vulndb-way.ts";
import { Withholding } from "./withholding.ts";

export interface GatewayParts {
  readonly config: Config;
  /** Which load of the configuration this is, from 1. */
  readonly generation: number;
  readonly rules: CompiledRules;
  readonly store: Store;
  readonly obtainer: Obtainer;
  /** What keeps versions back. */
  readonly holds: readonly Hold[];
  readonly validator: Validator | null;
  readonly goGetOrigin: GoGetOrigin;
  readonly clock: Clock;
  readonly exchanges: ExchangeMaker;
  readonly witnesses: readonly Witness[];
  /** This gateway's name in Via. */
  readonly selfId: string;
  /** Hosts and names of the upstreams that X-Go-Proxy-Upstream may name. */
  readonly upstreamNames: ReadonlyMap<string, string>;
  /** The traceparent of a new trace. */
  readonly newTrace: () => string;
}

/** One configuration at work: each request walks down serve() and ends in one verdict and one exchange. */
export class Gateway {
  readonly parts: GatewayParts;
  readonly #requests = new KnownRequests();
  readonly #withholding: Withholding;

  constructor(parts: GatewayParts) {
    this.parts = parts;
    const { holds, store, obtainer } = parts;
    const obtain = (exchange: Exchange, errand: Errand): Promise<Artifact> => obtainer.obtain(exchange, errand);
    this.#withholding = new Withholding({ holds, store, obtain });
  }

  /** Answers the request, whatever happens; never rejects. */
  async serve(ask: Ask, reply: Reply): Promise<Exchange> {
    const { clock, witnesses } = this.parts;
    const exchange = this.parts.exchanges.begin(ask, this.parts.generation);
    const startedAt = clock.monotonic();
    try {
      // What memory answers never waits, and so never yields: a turn of the loop costs as much as the rest.
      const found = this.#artifactFor(ask, exchange);
      const artifact = found instanceof Promise ? await found : found;
      exchange.upstream = artifact.upstream;
      exchange.ageSeconds = artifact.ageSeconds;
      const sending = reply.send(artifact, exchange);
      const sent = sending instanceof Promise ? await sending : sending;
      exchange.status = sent.status;
      exchange.bytesSent = sent.bytes;
    } catch (error) {
      const problem = isClientGone(error, ask.signal) ? clientGone : Problem.from(error);
      exchange.problem = problem;
      exchange.verdict = problem.verdict;
      const sent = await reply.refuse(problem, exchange);
      exchange.status = sent.status;
      exchange.bytesSent = sent.bytes;
    } finally {
      exchange.tookMs = clock.monotonic() - startedAt;
      for (const witness of witnesses) witness.record(exchange);
    }
    return exchange;
  }

  #artifactFor(ask: Ask, exchange: Exchange): Artifact | Promise<Artifact> {
    if (ask.method !== "GET" && ask.method !== "HEAD") {
      throw new Problem("METHOD_NOT_ALLOWED", `${ask.method} is no method of the module proxy protocol`);
    }
    const { request, cachedOnly, view } = this.#requests.read(ask.path, ask.query);
    exchange.request = request;
    exchange.endpoint = request.kind;
    if (request.kind === "index") return answerIndex(this.parts.store, request);
    if (request.kind === "go-get") return answerGoGet(this.parts, request, ask);

    const { rules, obtainer } = this.parts;
    const decision = decide(rules, request);
    exchange.rule = decision.rule?.source ?? null;
    if (decision.action === "deny") throw new Problem(decision.problemCode, decision.reason);
    const mayBeHeld = this.#withholding.concerns(request, decision.private, view);
    if (!mayBeHeld && this.#isPlain(ask)) {
      const hot = obtainer.fromMemory(exchange, request);
      if (hot !== null) return hot;
    }
    return this.#obtain(ask, exchange, { request, decision, cachedOnly, view: mayBeHeld ? view : null });
  }

  async #obtain(
    ask: Ask,
    exchange: Exchange,
    { view, ...subject }: ErrandSubject & { readonly view: View | null },
  ): Promise<Artifact> {
    const { validator, obtainer } = this.parts;
    const { request } = subject;
    const errand = drawErrand(this.parts, ask, exchange, subject);
    if (validator && isVersionFile(request)) {
      const { module, version } = request;
      await validator.validate({ module, version, endpoint: request.kind, client: ask.client }, ask.signal);
    }
    if (view !== null) return this.#withholding.obtain(exchange, errand, view);
    const artifact = await obtainer.obtain(exchange, errand);
    return request.kind === "vulndb" && request.isGzip ? compressedArtifact(artifact) : artifact;
  }

  /** True where no step and no header has a say in what the cache answers. */
  #isPlain(ask: Ask): boolean {
    const { validator, config } = this.parts;
    return (
      validator === null &&
      config.confirm === null &&
      ask.header("via") === undefined &&
      ask.header("x-go-proxy-upstream") === undefined &&
      ask.header("disable-module-fetch") === undefined &&
      ask.header("authorization") === undefined
    );
  }
}

// Nobody reads this answer; the log and the metrics do.
const clientGone = new Problem("CLIENT_GONE", "The client went away before the answer was ready");
