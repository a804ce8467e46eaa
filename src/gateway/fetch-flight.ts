import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { AnswerMeta, StagedFile, Store, StoredFile } from "../ports/store.ts";
import type { Chain, UpstreamTry } from "../ports/upstream.ts";
import { isImmutable } from "./artifact.ts";
import type { Errand, FileRequest } from "./errand.ts";
import type { Flight } from "./flights.ts";
import type { PrefixProbe } from "./prefix-probe.ts";
import { receive } from "./receive.ts";

/** What a flight brings: a whole, checked file, or the word that the one already here still holds. */
export type Landing =
  | { readonly kind: "found"; readonly file: StoredFile; readonly upstream: string }
  | { readonly kind: "unchanged"; readonly upstream: string };

export interface FetchFlight extends Flight<Landing> {
  /** Every attempt so far. */
  readonly tries: readonly UpstreamTry[];
}

interface FetchParts {
  /** True where other processes may fetch into the same store. */
  readonly isShared: boolean;
  readonly store: Store;
  readonly chain: Chain;
  readonly clock: Clock;
  readonly prefixes: PrefixProbe;
  /** Told when checked bytes were served but could not be published. */
  readonly onPublishFailure: (problem: Problem, key: string) => void;
}

/**
 * Asks the chain for the errand's file: stage, check, hand out, publish. The result settles when the bytes
 * are checked; the fsync and the rename go on behind it, so that they cost the client nothing, and the
 * flight stays in the air until they are done, so that nobody asks again meanwhile.
 */
export function startFetch(parts: FetchParts, errand: Errand, known: AnswerMeta | null): FetchFlight {
  const tries: UpstreamTry[] = [];
  const controller = new AbortController();
  const fetched = takeTurn(parts, errand, controller.signal, () =>
    fetchAndStage(parts, errand, known, { tries, signal: controller.signal }),
  );
  const result = fetched.then(({ landing }) => landing);
  const landed = fetched
    .then(({ publish }) => publish())
    .catch((error: unknown) => {
      // The result carries the failures of the fetch itself; here only publishing is left.
      if (error instanceof PublishFailure) parts.onPublishFailure(error.problem, errand.request.key);
    });
  return { result, landed, tries };
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
  errand: Errand,
  signal: AbortSignal,
  fetch: () => Promise<Fetched>,
): Promise<Fetched> {
  if (!parts.isShared || !isForEverybody(errand)) return fetch();
  const { store } = parts;
  for (;;) {
    const turn = await store.acquireFlight(errand.request.key);
    if (turn.kind === "held") {
      try {
        const fetched = await fetch();
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
    const file = outcome === "visible" ? await store.find(errand.request.key) : null;
    if (file !== null) {
      const upstream = store.answerMeta(errand.request.key)?.upstream ?? "";
      return { landing: { kind: "found", file, upstream }, publish: () => Promise.resolve() };
    }
  }
}

async function fetchAndStage(
  parts: FetchParts,
  errand: Errand,
  known: AnswerMeta | null,
  { tries, signal }: { readonly tries: UpstreamTry[]; readonly signal: AbortSignal },
): Promise<Fetched> {
  const { request, decision } = errand;
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
      only: errand.chosenUpstream === null ? decision.upstreams : [errand.chosenUpstream],
      mayGoOn: async (upstream) => !(await parts.prefixes.hasPrefix(parts.chain, errand, upstream)),
      onTry: (attempt) => {
        tries.push(attempt);
        errand.onTry(attempt);
      },
    },
    async (body) => {
      meta = {
        confirmedAtMs: parts.clock.now(),
        upstream: body.upstream,
        upstreamEtag: body.etag,
        upstreamLastModified: body.lastModified,
      };
      return receive(parts.store, request, body);
    },
    signal,
  );

  if (answer.kind === "unchanged") {
    if (known)
      parts.store.confirm(request.key, { ...known, confirmedAtMs: parts.clock.now(), upstream: answer.upstream });
    return { landing: { kind: "unchanged", upstream: answer.upstream }, publish: () => Promise.resolve() };
  }
  parts.prefixes.remember(answer.upstream, request);
  const staged = answer.value;
  const file = staged.content();
  return {
    landing: { kind: "found", file, upstream: answer.upstream },
    publish: () => (isForEverybody(errand) ? publish(parts, request, staged, meta) : staged.discard()),
  };
}

async function publish(
  parts: FetchParts,
  request: FileRequest,
  staged: StagedFile,
  meta: AnswerMeta | null,
): Promise<void> {
  try {
    await staged.commit();
    if (meta) parts.store.confirm(request.key, meta);
    if (request.kind === "info" || request.kind === "mod" || request.kind === "zip") {
      parts.store.recordSeen(request.module, request.version);
    }
  } catch (error) {
    await staged.discard();
    throw new PublishFailure(Problem.from(error));
  }
}

// Answers made with somebody's own credentials, and one upstream's own view of what changes, are not kept.
function isForEverybody(errand: Errand): boolean {
  return errand.authorization === null && (errand.chosenUpstream === null || isImmutable(errand.request));
}

function upstreamPath(request: FileRequest): string {
  if (request.kind !== "sumdb") return request.key;
  return request.rest === "" ? request.op : `${request.op}/${request.rest}`;
}

function versionOf(request: FileRequest): string | null {
  switch (request.kind) {
    case "query":
      return request.query;
    case "list":
    case "latest":
      return null;
    default:
      return request.version;
  }
}
