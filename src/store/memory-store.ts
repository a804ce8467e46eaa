import { unescapeVersion } from "../gomod/path.ts";
import type { Clock } from "../kernel/clock.ts";
import type {
  AnswerMeta,
  FileKey,
  SeenVersion,
  StagedFile,
  Store,
  StoredFile,
  StoreFlight,
  StoreStats,
} from "../ports/store.ts";
import { placeOf } from "./cache-layout.ts";
import { fileInMemory } from "./stored-file.ts";

interface MemoryAnswer {
  readonly meta: AnswerMeta;
  readonly bodyEtag: string | null;
}

/** The store without a disk, for tests and for gateways that keep nothing: no limit, gone with the process. */
export class MemoryStore implements Store {
  readonly #clock: Clock;
  readonly #files = new Map<FileKey, StoredFile>();
  readonly #answers = new Map<FileKey, MemoryAnswer>();
  readonly #seen = new Map<string, SeenVersion>();
  #lastSeenMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  peek(key: FileKey): StoredFile | undefined {
    return this.#files.get(key);
  }

  find(key: FileKey): Promise<StoredFile | null> {
    return Promise.resolve(this.#files.get(key) ?? null);
  }

  stage(key: FileKey): Promise<StagedFile> {
    return Promise.resolve(new MemoryStagedFile(key, this.#clock, (file) => void this.#files.set(key, file)));
  }

  acquireFlight(): Promise<StoreFlight> {
    return Promise.resolve({ kind: "held", release: () => Promise.resolve() });
  }

  answerMeta(key: FileKey): AnswerMeta | null {
    const answer = this.#answers.get(key);
    if (!answer) return null;
    const etag = this.#files.get(key)?.etag;
    const isOfOtherContent = answer.bodyEtag !== null && etag !== undefined && etag !== answer.bodyEtag;
    return isOfOtherContent ? { ...answer.meta, upstreamEtag: null, upstreamLastModified: null } : answer.meta;
  }

  confirm(key: FileKey, meta: AnswerMeta): void {
    this.#answers.set(key, { meta, bodyEtag: this.#files.get(key)?.etag ?? null });
  }

  remove(key: FileKey): Promise<void> {
    this.#files.delete(key);
    this.#answers.delete(key);
    return Promise.resolve();
  }

  recordSeen(module: string, version: string): void {
    const name = `${module} ${version}`;
    if (this.#seen.has(name)) return;
    this.#lastSeenMs = Math.max(Math.floor(this.#clock.now()), this.#lastSeenMs + 1);
    this.#seen.set(name, { module, version, firstSeenMs: this.#lastSeenMs });
  }

  wasSeen(module: string, version: string): boolean {
    return this.#seen.has(`${module} ${version}`);
  }

  firstSeenMs(module: string, version: string): number | null {
    return this.#seen.get(`${module} ${version}`)?.firstSeenMs ?? null;
  }

  seenSince(sinceMs: number, limit: number): readonly SeenVersion[] {
    return [...this.#seen.values()].filter(({ firstSeenMs }) => firstSeenMs > sinceMs).slice(0, limit);
  }

  versionsOf(escapedModule: string): Promise<readonly string[]> {
    const start = `${escapedModule}/@v/`;
    const names = [...this.#files.keys()].filter((key) => key.startsWith(start) && placeOf(key)?.kind === "info");
    const versions = names.filter((key) => placeOf(key)?.version !== null);
    return Promise.resolve(versions.map((key) => unescapeVersion(key.slice(start.length, -".info".length))));
  }

  stats(): StoreStats {
    const places = [...this.#files.keys()]
      .flatMap((key) => placeOf(key) ?? [])
      .filter(({ version }) => version !== null);
    return {
      files: this.#files.size,
      bytes: [...this.#files.values()].reduce((sum, { size }) => sum + size, 0),
      modules: new Set(places.map(({ module }) => module)).size,
      versions: new Set(places.map(({ module, version }) => `${module} ${version}`)).size,
      pinned: 0,
      maxBytes: null,
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class MemoryStagedFile implements StagedFile {
  readonly #key: FileKey;
  readonly #clock: Clock;
  readonly #publish: (file: StoredFile) => void;
  #pieces: Uint8Array[] = [];
  #content: StoredFile | null = null;
  #state: "open" | "committed" | "discarded" = "open";

  constructor(key: FileKey, clock: Clock, publish: (file: StoredFile) => void) {
    this.#key = key;
    this.#clock = clock;
    this.#publish = publish;
  }

  get size(): number {
    return this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#content || this.#state !== "open") {
      return Promise.reject(new TypeError("A staged file takes no bytes after content(), commit() or discard()"));
    }
    this.#pieces.push(bytes);
    return Promise.resolve();
  }

  read(position: number, length: number): Promise<Uint8Array> {
    return Promise.resolve(Buffer.concat(this.#pieces).subarray(position, position + length));
  }

  onDisk(): Promise<null> {
    return Promise.resolve(null);
  }

  content(): StoredFile {
    if (this.#content) return this.#content;
    if (this.#state === "discarded") throw new TypeError("A discarded file has no content");
    return (this.#content = fileInMemory(this.#key, Buffer.concat(this.#pieces), this.#clock.now()));
  }

  commit(): Promise<StoredFile> {
    if (this.#state === "discarded") return Promise.reject(new TypeError("A discarded file cannot be committed"));
    const content = this.content();
    if (this.#state === "open") this.#publish(content);
    this.#state = "committed";
    return Promise.resolve(content);
  }

  discard(): Promise<void> {
    if (this.#state === "open") this.#state = "discarded";
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.discard();
  }
}
