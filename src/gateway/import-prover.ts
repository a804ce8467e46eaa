import { parseGoRequest } from "../gomod/parse-request.ts";
import { parseSumdbPath } from "../gomod/parse-sumdb.ts";
import { Problem } from "../kernel/problem.ts";
import type { ChecksumDatabase } from "../ports/checksum-database.ts";
import type { ImportFault, ImportJudge } from "../ports/import-judge.ts";
import type { FileKey, StagedFile, Store } from "../ports/store.ts";
import { isVersionFile } from "./artifact.ts";
import type { BroughtAnswers } from "./checksum-database.ts";
import type { Prover, Source } from "./prover.ts";

export interface ImportProverParts {
  readonly store: Store;
  readonly prover: Prover;
  readonly isPrivate: (module: string) => boolean;
  /** A checksum database of that name, where these answers of it were brought; null where there is none. */
  readonly databaseWith: (name: string, brought: BroughtAnswers) => ChecksumDatabase | null;
}

type Outcome = "imported" | "present" | ImportFault;

const source: Source = { upstream: "import", etag: null, lastModified: null, contentType: null };
// A tile beyond the head of the lookups needs the latest one.
const order = ["latest", "lookup", "tile"];

/** Proves what an import brings, as a gateway proves what an upstream sends. */
export class ImportProver implements ImportJudge {
  readonly #parts: ImportProverParts;
  readonly #sums = new Map<FileKey, Outcome>();

  constructor(parts: ImportProverParts) {
    this.#parts = parts;
  }

  /**
   * Proves the answers of checksum databases that an import brings, and takes them in, before the files that they are to
   * prove. Another answer may be taken in than the one that was brought, where that one is wrong and the database can be
   * asked. SUMDB_FORK and STORE_FAILED end it.
   */
  async takeSums(brought: ReadonlyMap<FileKey, Uint8Array>, signal: AbortSignal): Promise<void> {
    const here = new Set<FileKey>();
    for (const key of brought.keys()) if ((await this.#parts.store.find(key)) !== null) here.add(key);
    for (const [name, answers] of answersByDatabase(brought)) {
      const database = this.#parts.databaseWith(name, answers);
      const paths = [...answers.keys()].sort((left, right) => placeInOrder(left) - placeInOrder(right));
      for (const path of paths) {
        signal.throwIfAborted();
        const key = `sumdb/${name}/${path}`;
        // Some come in as the proof of others; of a latest head a newer one may come.
        const isHere = here.has(key) && path !== "latest";
        this.#sums.set(key, isHere ? "present" : await this.#takeSum(database, { name, path, key }, signal));
      }
    }
  }

  sum(key: FileKey): Outcome {
    return this.#sums.get(key) ?? { reason: "no answer that a checksum database gives", isMismatch: false };
  }

  async faultOf(key: FileKey, staged: StagedFile, signal: AbortSignal): Promise<ImportFault | null> {
    const { prover, isPrivate } = this.#parts;
    const { request } = parseGoRequest(`/${key}`, new URLSearchParams());
    if (request.kind === "index" || request.kind === "go-get" || !isVersionFile(request)) return null;
    const proof = prover.begin(request, isPrivate(request.module), signal);
    return faultIn(proof?.hold(staged, source, signal) ?? Promise.resolve(), signal);
  }

  async #takeSum(
    database: ChecksumDatabase | null,
    { name, path, key }: { readonly name: string; readonly path: string; readonly key: FileKey },
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (database === null) return { reason: `the checksum database ${name} is not configured here`, isMismatch: false };
    const { op, module, version } = parseSumdbPath(key);
    const taking =
      op === "tile"
        ? database.tile(path, signal)
        : op === "lookup" && module !== null && version !== null
          ? database.lookup(module, version, signal)
          : database.latest(signal);
    return (await faultIn(taking, signal)) ?? "imported";
  }
}

async function faultIn(proving: Promise<unknown>, signal: AbortSignal): Promise<ImportFault | null> {
  try {
    await proving;
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Problem)) throw error;
    const { code, message, verdict } = error;
    if (code === "STORE_FAILED" || code === "SUMDB_FORK" || code === "INTERNAL") throw error;
    return { reason: message, isMismatch: verdict === "damaged" };
  }
}

function answersByDatabase(brought: ReadonlyMap<FileKey, Uint8Array>): Map<string, Map<string, Uint8Array>> {
  const databases = new Map<string, Map<string, Uint8Array>>();
  for (const [key, bytes] of brought) {
    const request = sumdbRequest(key);
    if (request === null || request.op === "supported") continue;
    const answers = databases.get(request.name) ?? new Map<string, Uint8Array>();
    databases.set(request.name, answers.set(key.slice(`sumdb/${request.name}/`.length), bytes));
  }
  return databases;
}

function sumdbRequest(key: FileKey): ReturnType<typeof parseSumdbPath> | null {
  try {
    return parseSumdbPath(key);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

function placeInOrder(path: string): number {
  return order.indexOf(path.split("/")[0] ?? "");
}
