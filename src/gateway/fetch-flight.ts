import type { Config } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { AnswerMeta, StagedFile, Store, StoredFile } from "../ports/store.ts";
import type { Chain, UpstreamTry } from "../ports/upstream.ts";
import { isImmutable, isVersionFile } from "./artifact.ts";
import { type FetchedRequest, type FetchErrand, routeOf } from "./errand.ts";
import type { Flight } from "./flights.ts";
import type { Prover } from "./prover.ts";
import type { PrefixProbe } from "./prefix-probe.ts";
import { receive } from "./receive.ts";

/** What a flight brings: a whole, checked file, or the word that the one already here still holds. */
export type Landing =
  | {
      readonly kind: "found";
      readonly file: StoredFile;
      readonly upstream: string;
      /** Made with the client's own credentials, so for nobody else. */
      readonly isPersonal: boolean;
    }
  | { readonly kind: "unchanged"; readonly upstream: string };

type FoundLanding = Extract<Landing, { kind: "found" }>;

export interface FetchFlight extends Flight<Landing> {
  /** Every attempt so far. */
  readonly tries: readonly UpstreamTry[];
  /** What it found, from when that can be served until it is published; null before, and where there is nothing. */
  readonly found: FoundLanding | null;
}

interface FetchParts {
  /** True where other processes may fetch into the same store. */
  readonly isShared: boolean;
  readonly store: Store;
  readonly chain: Chain;
  readonly clock: Clock;
  readonly prefixes: PrefixProbe;
  readonly config: Config;
  readonly prover: Prover;
  /** Told when checked bytes were served but could not be published. */
  readonly onPublishFailure: (problem: Problem, key: string) => void;
}

/**
 * Asks the chain for the errand's file: stage, check, prove, hand out, publish. The result settles when the bytes
 * are proved; the fsync and the rename go on behind it, so that they cost the client nothing, and the
 * flight stays in the air until they are done, so that nobody asks again meanwhile.
 */
export function startFetch(parts: FetchParts, errand: FetchErrand, known: AnswerMeta | null): FetchFlight {
  const tries: UpstreamTry[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  let found: FoundLanding | null = null;
  const fetched = takeTurn(parts, errand, { known, signal }, () =>
    fetchAndStage(parts, errand, known, { tries, signal }),
  );
  const result = fetched.then(({ landing }) => {
    if (landing.kind === "found") found = landing;
    return landing;
  });
  const landed = fetched
    .then(({ publish }) => publish())
    .catch((error: unknown) => {
      // The result carries the failures of the fetch itself; here only publishing is left.
      if (error instanceof PublishFailure) parts.onPublishFailure(error.problem, errand.request.key);
    });
  return {
    result,
    landed,
    tries,
    giveUp: (reason) => controller.abort(reason),
    get found() {
      return found;
    },
  };
}

interface Fetched {
  readonly landing: Landing;
  readonly publish: () => Promise<void>;
}

class PublishFailure extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message, { cause: problem });
    this.problem = problem;
  }
}

/** Where several processes share the store, one of them fetches and the others wait for what it publishes. */
async function takeTurn(
  parts: FetchParts,
  errand: FetchErrand,
  { known, signal }: { readonly known: AnswerMeta | null; readonly signal: AbortSignal },
  fetch: () => Promise<Fetched>,
): Promise<Fetched> {
  if (!parts.isShared || errand.authorization !== null || errand.chosenUpstream !== null) return fetch();
  const { store } = parts;
  const { key } = errand.request;
  const startedAtMs = parts.clock.now();
  for (;;) {
    const turn = await store.acquireFlight(key);
    if (turn.kind === "held") {
      try {
        // Another process may have ended its turn between the look that found nothing and this one.
        const fresh = known === null ? await store.find(key) : null;
        const isFresh = fresh !== null && fresh.storedAtMs > startedAtMs - otherTurnMs;
        const fetched = isFresh ? foundBefore(store, fresh) : await fetch();
        const publish = async (): Promise<void> => {
          try {
            await fetched.publish();
          } finally {
            await turn.release();
          }
        };
        return { landing: fetched.landing, publish };
      } catch (error) {
        await turn.release();
        throw error;
      }
    }
    const outcome = await turn.wait(signal);
    const file = outcome === "visible" ? await store.find(key) : null;
    if (file !== null) return foundBefore(store, file);
  }
}

const otherTurnMs = 1000;

/** What another process has fetched and published. */
function foundBefore(store: Store, file: StoredFile): Fetched {
  const upstream = store.answerMeta(file.key)?.upstream ?? "";
  return { landing: { kind: "found", file, upstream, isPersonal: false }, publish: () => Promise.resolve() };
}

async function fetchAndStage(
  parts: FetchParts,
  errand: FetchErrand,
  known: AnswerMeta | null,
  { tries, signal }: { readonly tries: UpstreamTry[]; readonly signal: AbortSignal },
): Promise<Fetched> {
  const { request } = errand;
  const proof = parts.prover.begin(request, errand.decision.private, signal);
  let meta: AnswerMeta | null = null;
  const answer = await parts.chain.fetch<StagedFile>(
    {
      path: upstreamPath(request),
      module: request.module,
      endpoint: request.kind === "query" ? "info" : request.kind,
      version: versionOf(request),
      etag: known?.upstreamEtag ?? null,
      lastModified: known?.upstreamLastModified ?? null,
      headers: errand.headers,
      authorization: errand.authorization,
      only: routeOf(errand),
      mayGoOn: async (upstream) =>
        (await isKnownHere(parts.store, request)) ||
        !(await parts.prefixes.hasPrefix({ chain: parts.chain, errand, signal }, upstream)),
      onTry: (attempt) => void tries.push(attempt),
    },
    async (body) => {
      meta = {
        confirmedAtMs: parts.clock.now(),
        upstream: body.upstream,
        upstreamEtag: body.etag,
        upstreamLastModified: body.lastModified,
      };
      const staged = await receive(parts.store, request, body);
      try {
        await proof?.hold(staged, body, signal);
        return staged;
      } catch (error) {
        await staged.discard();
        throw error;
      }
    },
    signal,
  );

  if (answer.kind === "unchanged") {
    if (known)
      parts.store.confirm(request.key, { ...known, confirmedAtMs: parts.clock.now(), upstream: answer.upstream });
    return { landing: { kind: "unchanged", upstream: answer.upstream }, publish: () => Promise.resolve() };
  }
  const isPersonal = errand.authorization !== null && tries.some(({ upstream }) => forwards(parts.config, upstream));
  const { upstream, value: staged } = answer;
  const landing = { kind: "found" as const, file: staged.content(), upstream, isPersonal };
  if (isPersonal || !(await isEverybodysAnswer(parts, errand))) {
    return { landing, publish: () => staged.discard() };
  }
  parts.prefixes.remember(upstream, request);
  // Served is seen, whether or not the file can then be kept.
  if (isVersionFile(request)) parts.store.recordSeen(request.module, request.version);
  return { landing, publish: () => publish(parts, request, staged, meta) };
}

async function publish(
  parts: FetchParts,
  request: FetchedRequest,
  staged: StagedFile,
  meta: AnswerMeta | null,
): Promise<void> {
  try {
    await staged.commit();
    if (meta) parts.store.confirm(request.key, meta);
  } catch (error) {
    await staged.discard();
    throw new PublishFailure(Problem.from(error));
  }
}

function forwards(config: Config, name: string): boolean {
  const upstreams = [...config.chain.map(({ upstream }) => upstream), ...Object.values(config.upstreams)];
  return upstreams.some((upstream) => upstream.name === name && upstream.forwardAuthorization);
}

/**
 * A client that chooses its upstream decides for itself alone: what it gets is kept for all only where all would
 * have been sent there first, and where nothing is kept yet.
 */
async function isEverybodysAnswer(parts: FetchParts, errand: FetchErrand): Promise<boolean> {
  const { chosenUpstream, decision, request } = errand;
  if (chosenUpstream === null) return true;
  const [first] = decision.upstreams ?? parts.config.chain.map(({ upstream }) => upstream.name);
  return isImmutable(request) && chosenUpstream === first && (await parts.store.find(request.key)) === null;
}

/** True where an upstream has had the module before: then it is one, and no mere part of a package path. */
async function isKnownHere(store: Store, request: FetchedRequest): Promise<boolean> {
  if (isVersionFile(request)) return store.wasSeen(request.module, request.version);
  if (request.kind === "vulndb") return true;
  return (await store.versionsOf(request.escapedModule)).length > 0;
}

function upstreamPath(request: FetchedRequest): string {
  return request.kind === "vulndb" ? request.path : request.key;
}

function versionOf(request: FetchedRequest): string | null {
  switch (request.kind) {
    case "query":
      return request.query;
    case "list":
    case "latest":
    case "vulndb":
      return null;
    default:
      return request.version;
  }
}
