import type { GoRequest } from "../gomod/request.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { ChecksumDatabase } from "../ports/checksum-database.ts";
import type { StagedFile, Store, StoredFile } from "../ports/store.ts";
import { fileFromBytes } from "./artifact.ts";
import type { FetchFlight, Landing } from "./fetch-flight.ts";

type SumdbRequest = Extract<GoRequest, { readonly kind: "sumdb" }>;

interface SumdbFlightParts {
  readonly store: Store;
  readonly clock: Clock;
  /** A checksum database that the gateway serves; null where it serves none of that name. */
  readonly databaseNamed: (name: string) => ChecksumDatabase | null;
  /** Told when a proved answer was served but could not be published. */
  readonly onPublishFailure: (problem: Problem, key: string) => void;
}

interface Answered {
  readonly file: StoredFile;
  /** What is left to publish; null where it is in the cache already. */
  readonly staged: StagedFile | null;
}

/**
 * What a checksum database says to a client's lookup, tile or latest: proved before anybody gets it, and in the cache
 * from then on. MODULE_ABSENT or MODULE_GONE where the database has no such thing; else its result rejects as the
 * methods of ChecksumDatabase do.
 */
export function startSumdbFlight(parts: SumdbFlightParts, request: SumdbRequest): FetchFlight {
  const controller = new AbortController();
  const { store, clock } = parts;
  const answered = answerOf(parts, request, controller.signal);
  let found: Extract<Landing, { kind: "found" }> | null = null;
  const result = answered.then(({ file }) => {
    found = { kind: "found", file, upstream: request.name, isPersonal: false };
    return found;
  });
  const landed = answered
    .then(async ({ staged }) => {
      if (staged === null) return;
      const confirmedAtMs = clock.now();
      try {
        await staged.commit();
        store.confirm(request.key, {
          confirmedAtMs,
          upstream: request.name,
          upstreamEtag: null,
          upstreamLastModified: null,
        });
      } catch (error) {
        await staged.discard();
        parts.onPublishFailure(Problem.from(error), request.key);
      }
    })
    // The result carries the failures of the proof.
    .catch(() => {});
  return {
    result,
    landed,
    tries: [],
    giveUp: (reason) => controller.abort(reason),
    get found() {
      return found;
    },
  };
}

async function answerOf(parts: SumdbFlightParts, request: SumdbRequest, signal: AbortSignal): Promise<Answered> {
  const { store, clock } = parts;
  const { op, name, rest, module, version, key } = request;
  const database = parts.databaseNamed(name);
  if (database === null) throw new Problem("MODULE_ABSENT", "This gateway has no checksum database (sumdb: off)");
  if (op === "tile") {
    const bytes = await database.tile(`tile/${rest}`, signal);
    return { file: (await store.find(key)) ?? fileFromBytes(key, bytes, clock.now()), staged: null };
  }
  if (module !== null && version !== null) {
    await lookUp(database, module, version, signal);
    const file = await store.find(key);
    if (file === null) throw new Problem("STORE_FAILED", `${key} was proved and could not be kept`);
    return { file, staged: null };
  }
  const staged = await store.stage(key);
  try {
    await staged.write(await database.latest(signal));
    return { file: staged.content(), staged };
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

async function lookUp(
  database: ChecksumDatabase,
  ...[module, version, signal]: Parameters<ChecksumDatabase["lookup"]>
): Promise<void> {
  try {
    await database.lookup(module, version, signal);
  } catch (error) {
    // The client asked the database and not for a file: it gets the database's own answer.
    if (error instanceof Problem && error.code === "SUMDB_UNKNOWN" && error.cause instanceof Problem) throw error.cause;
    throw error;
  }
}
