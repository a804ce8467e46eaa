import { hash } from "node:crypto";
import type { Config } from "../config/config.ts";
import { matchPrefixPatterns } from "../gomod/match-prefix-patterns.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Store, StoredFile } from "../ports/store.ts";
import type { Chain, UpstreamBody, UpstreamTry } from "../ports/upstream.ts";
import { isVersionFile } from "./artifact.ts";
import { type Errand, routeOf } from "./errand.ts";
import { Flights, type Flight } from "./flights.ts";
import type { Prover } from "./prover.ts";

interface ConfirmParts {
  readonly config: Config;
  readonly store: Store;
  readonly chain: Chain;
  readonly clock: Clock;
  readonly prover: Prover;
}

/** One question to the upstream whether a copy still holds; its result is the upstream that said so. */
export interface ConfirmFlight extends Flight<string> {
  readonly tries: readonly UpstreamTry[];
}

interface Theirs {
  /** What came, up to where it is certain to differ. */
  readonly bytes: Buffer;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/**
 * For modules under `confirm:` asks the upstream whether the cached .info or .mod still holds, at most once in
 * `every` and once for all who wait. Absence, refusal and outage are passed on, because a copy that could not be
 * confirmed must not be served; other bytes under the same version are UPSTREAM_DAMAGED with both hashes, and drift where
 * that means another go.mod or another commit.
 */
export class Confirmer {
  readonly #parts: ConfirmParts;
  readonly #flights = new Flights<ConfirmFlight>();

  constructor(parts: ConfirmParts) {
    this.#parts = parts;
  }

  /** Ends the questions under way. */
  giveUp(reason: Error): void {
    this.#flights.giveUp(reason);
  }

  /** Resolves when no question is under way. */
  idle(): Promise<void> {
    return this.#flights.idle();
  }

  /** Joins or starts the question about the copy; null where it needs none now. */
  ask(errand: Errand, file: StoredFile): { readonly flight: ConfirmFlight; readonly shared: boolean } | null {
    const { config, store, clock } = this.#parts;
    const { request } = errand;
    if (config.confirm === null || !isVersionFile(request) || request.kind === "zip") return null;
    if (!matchPrefixPatterns(config.confirm.patterns, request.module)) return null;
    const known = store.answerMeta(request.key);
    if (known && clock.now() - known.confirmedAtMs < config.confirm.everyMs) return null;
    return this.#flights.join(`${routeOf(errand)?.join(" ") ?? ""}\n${request.key}`, () => this.#start(errand, file));
  }

  #start(errand: Errand, file: StoredFile): ConfirmFlight {
    const tries: UpstreamTry[] = [];
    // Others may be waiting for it when this client goes away.
    const controller = new AbortController();
    const onTry = (attempt: UpstreamTry): void => void tries.push(attempt);
    const result = this.#confirm(errand, file, { onTry, signal: controller.signal });
    const landed = result.then(
      () => {},
      () => {},
    );
    return { result, landed, tries, giveUp: (reason) => controller.abort(reason) };
  }

  async #confirm(
    errand: Errand,
    file: StoredFile,
    { onTry, signal }: { readonly onTry: (attempt: UpstreamTry) => void; readonly signal: AbortSignal },
  ): Promise<string> {
    const { store, chain, clock } = this.#parts;
    const { request } = errand;
    if (!isVersionFile(request)) throw new TypeError(`${request.kind} is not confirmed`);
    const known = store.answerMeta(request.key);
    const answer = await chain.fetch(
      {
        path: request.key,
        module: request.module,
        endpoint: request.kind,
        version: request.version,
        etag: known?.upstreamEtag ?? null,
        lastModified: known?.upstreamLastModified ?? null,
        headers: errand.headers,
        // The copy is everybody's, so it has to hold for everybody.
        authorization: null,
        only: routeOf(errand),
        onTry,
      },
      (body) => readBody(body, file.size),
      signal,
    );
    const theirs = answer.kind === "found" ? answer.value : null;
    if (theirs) {
      const kept = await wholeOf(file.stream());
      if (!kept.equals(theirs.bytes)) {
        const { kind, module, version } = request;
        const statement = { module, version, upstream: answer.upstream, bytes: theirs.bytes };
        if (kind !== "zip") await this.#parts.prover.drift.noteChange(kind, kept, statement);
        throw otherBytes(request.key, answer.upstream, { kept, served: theirs.bytes });
      }
    }
    store.confirm(request.key, {
      confirmedAtMs: clock.now(),
      upstream: answer.upstream,
      upstreamEtag: theirs ? theirs.etag : (known?.upstreamEtag ?? null),
      upstreamLastModified: theirs ? theirs.lastModified : (known?.upstreamLastModified ?? null),
    });
    return answer.upstream;
  }
}

// What is longer than the copy differs from it; there is no need to read it to its end.
async function readBody(body: UpstreamBody, keptSize: number): Promise<Theirs> {
  const bytes = await wholeOf(body.chunks, 2 * keptSize + 65_536);
  return { bytes, etag: body.etag, lastModified: body.lastModified };
}

async function wholeOf(chunks: AsyncIterable<Uint8Array>, enough = Infinity): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    // A chunk is good until the next.
    pieces.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > enough) break;
  }
  return Buffer.concat(pieces);
}

function otherBytes(
  key: string,
  upstream: string,
  { kept, served }: { readonly kept: Buffer; readonly served: Buffer },
): Problem {
  const [keptSha256, servedSha256] = [hash("sha256", kept, "hex"), hash("sha256", served, "hex")];
  return new Problem("UPSTREAM_DAMAGED", `Upstream "${upstream}" now serves other bytes for ${key}`, {
    hint: "compare both copies; `modgate cache prune --pattern MODULE` forgets the one kept here",
    evidence: { key, upstream, keptSha256, servedSha256 },
    tried: [`kept here: sha256 ${keptSha256}`, `served now: sha256 ${servedSha256}`],
  });
}
