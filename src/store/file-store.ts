import { join } from "node:path";
import { unescapeVersion } from "../gomod/path.ts";
import { isCanonicalVersion } from "../gomod/version.ts";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Disk, FileStat } from "../ports/disk.ts";
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
import { CacheIndex } from "./cache-index.ts";
import { dataFolder, pathOfKey, prepareDataFolder } from "./data-folder.ts";
import { Descriptors } from "./descriptors.ts";
import { DirectorySyncs } from "./directory-syncs.ts";
import { DiskStagedFile } from "./disk-staged-file.ts";
import type { FileStoreParts } from "./file-store-parts.ts";
import { acquireFlight } from "./flight-locks.ts";
import { openIndexDatabase } from "./index-database.ts";
import { removeLeftovers, stagedName } from "./leftovers.ts";
import { loadFile } from "./load-file.ts";
import { Maintenance } from "./maintenance.ts";
import { MemoryLayer } from "./memory-layer.ts";
import { thisProcess, type Owner } from "./owner.ts";
import { Pins } from "./pins.ts";
import { directPublisher, type Publisher } from "./publish-whole.ts";
import { storeFailure } from "./store-failure.ts";
import { smallFileBytes } from "./stored-file.ts";

export interface FileStoreOptions {
  /** Absolute path of the data folder; made where it is missing. */
  readonly data: string;
  readonly disk: Disk;
  readonly clock: Clock;
  /** Budget for files held in memory. */
  readonly memoryBytes: number;
  /** The largest file held in memory; 1 MiB where left out. */
  readonly memoryFileBytes?: number;
  /** Size above which the least recently used files go; null: no limit. */
  readonly maxBytes: number | null;
  /** `background`: scan and evict, as a server does; `none` for a command that looks or does it itself. */
  readonly upkeep: "background" | "none";
  /** Publishes small files; on `disk`, in this thread, where left out. */
  readonly publisher?: () => Publisher;
  /** After which another process's fetch is no longer waited for; 10 minutes where left out. */
  readonly flightDeadlineMs?: number;
  /** Told of failures that no request waits for, such as an eviction on a read-only disk. */
  readonly onTrouble: (problem: Problem) => void;
  /** This process where left out. */
  readonly owner?: Owner;
}

const useResolutionMs = 60_000;
const defaultMemoryFileBytes = 1024 * 1024;
const defaultFlightDeadlineMs = 600_000;

/**
 * Opens the store over a data folder, which other processes may have open too: makes what is missing and
 * removes what dead processes left. STORE_FAILED where the folder can't be used.
 */
export async function openFileStore(options: FileStoreOptions): Promise<FileStore> {
  const { disk, clock, onTrouble, owner = thisProcess() } = options;
  const folder = dataFolder(options.data);
  const instance = crypto.randomUUID().slice(0, 8);
  let count = 0;
  const uniqueName = (): string => `${instance}-${++count}`;
  const lockParts = { disk, clock, owner, uniqueName, folder };
  await prepareDataFolder(disk, folder);
  await removeLeftovers(lockParts).catch((error: unknown) => onTrouble(storeFailure("clean the folder tmp", error)));
  const index = new CacheIndex({ database: await openIndexDatabase(lockParts), clock, onTrouble });
  const pins = new Pins({ disk, clock, folder });
  await pins.refresh();
  return new FileStore({ ...lockParts, index, pins, onTrouble }, options);
}

/** Module files in a file tree, with the hot ones in memory; see openFileStore(). */
export class FileStore implements Store {
  /** For the commands that look into the cache or change it as a whole. */
  readonly parts: FileStoreParts;
  readonly #memory: MemoryLayer;
  readonly #memoryFileBytes: number;
  readonly #descriptors: Descriptors;
  readonly #syncs: DirectorySyncs;
  readonly #publisher: Publisher;
  readonly #maxBytes: number | null;
  readonly #flightDeadlineMs: number;
  readonly #maintenance: Maintenance | null;
  readonly #loading = new Map<FileKey, Promise<StoredFile | null>>();
  readonly #committing = new Set<Promise<unknown>>();

  constructor(parts: FileStoreParts, options: FileStoreOptions) {
    this.parts = parts;
    this.#memory = new MemoryLayer(options.memoryBytes, parts.clock);
    this.#memoryFileBytes = options.memoryFileBytes ?? defaultMemoryFileBytes;
    this.#descriptors = new Descriptors(parts.disk, parts.clock);
    this.#syncs = new DirectorySyncs(parts.disk);
    this.#publisher = options.publisher?.() ?? directPublisher(parts.disk, this.#syncs);
    this.#maxBytes = options.maxBytes;
    this.#flightDeadlineMs = options.flightDeadlineMs ?? defaultFlightDeadlineMs;
    const evicts = { ...parts, onEvicted: (key: FileKey) => this.forget(key) };
    this.#maintenance = options.upkeep === "background" ? new Maintenance(evicts, options.maxBytes) : null;
  }

  peek(key: FileKey): StoredFile | undefined {
    return this.#memory.peek(key);
  }

  find(key: FileKey): Promise<StoredFile | null> {
    const entry = this.#memory.get(key);
    if (entry && this.#memory.isChecked(entry)) return Promise.resolve(entry.file);
    const running = this.#loading.get(key);
    if (running) return running;
    const loading = this.#load(key).finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  stage(key: FileKey): Promise<StagedFile> {
    const { disk, clock, folder, owner, uniqueName } = this.parts;
    const stagedPath = join(folder.temporary, stagedName(owner, uniqueName()));
    const onCommit = (file: StoredFile, stat: FileStat): void => this.#takeIn(file, stat);
    const onCommitStart = (commit: Promise<unknown>): void => {
      this.#committing.add(commit);
      const forget = (): void => void this.#committing.delete(commit);
      commit.then(forget, forget);
    };
    const staging = {
      disk,
      clock,
      descriptors: this.#descriptors,
      syncs: this.#syncs,
      publisher: this.#publisher,
      onCommit,
      onCommitStart,
    };
    return Promise.resolve(new DiskStagedFile(staging, { key, stagedPath, path: pathOfKey(folder, key) }));
  }

  acquireFlight(key: FileKey): Promise<StoreFlight> {
    return acquireFlight(this.parts, key, this.#flightDeadlineMs);
  }

  answerMeta(key: FileKey): AnswerMeta | null {
    const answer = this.parts.index.answer(key);
    if (!answer) return null;
    const { bodyEtag, ...meta } = answer;
    const etag = this.#memory.get(key)?.file.etag;
    // A crash, or another process, may have put new content beside the word about the old one.
    const isOfOtherContent = bodyEtag !== null && etag !== undefined && etag !== bodyEtag;
    return isOfOtherContent ? { ...meta, upstreamEtag: null, upstreamLastModified: null } : meta;
  }

  confirm(key: FileKey, meta: AnswerMeta): void {
    this.parts.index.putAnswer(key, { ...meta, bodyEtag: this.#memory.get(key)?.file.etag ?? null });
  }

  async remove(key: FileKey): Promise<void> {
    const { disk, folder, index } = this.parts;
    try {
      await disk.remove(pathOfKey(folder, key));
    } catch (error) {
      throw storeFailure(`remove ${key}`, error);
    }
    // A find that was under way may have seen it still.
    await this.#loading.get(key)?.catch(() => {});
    this.#memory.drop(key);
    index.removeFile(key, Number.MAX_SAFE_INTEGER);
  }

  /** As find(), without counting as a use and without taking room in memory. */
  async lookAt(key: FileKey): Promise<StoredFile | null> {
    const look = { key, path: pathOfKey(this.parts.folder, key), known: null, wholeUpToBytes: smallFileBytes };
    try {
      const loaded = await loadFile(this.parts.disk, this.#descriptors, look);
      return loaded.kind === "loaded" ? loaded.file : null;
    } catch (error) {
      throw storeFailure(`read ${key}`, error);
    }
  }

  /** Drops a file that is gone from the disk out of memory. */
  forget(key: FileKey): void {
    this.#memory.drop(key);
  }

  recordSeen(module: string, version: string): void {
    this.parts.index.recordSeen(module, version, null);
  }

  wasSeen(module: string, version: string): boolean {
    return this.parts.index.wasSeen(module, version);
  }

  firstSeenMs(module: string, version: string): number | null {
    return this.parts.index.firstSeenMs(module, version);
  }

  seenSince(sinceMs: number, limit: number): readonly SeenVersion[] {
    return this.parts.index.seenSince(sinceMs, limit);
  }

  async versionsOf(escapedModule: string): Promise<readonly string[]> {
    const { disk, folder } = this.parts;
    try {
      const entries = await disk.list(pathOfKey(folder, `${escapedModule}/@v`));
      return entries.flatMap(({ name }) => (name.endsWith(".info") ? canonicalVersionIn(name.slice(0, -5)) : []));
    } catch (error) {
      throw storeFailure(`list the versions of ${escapedModule}`, error);
    }
  }

  stats(): StoreStats {
    const { index, pins, onTrouble } = this.parts;
    pins.refresh().catch((error: unknown) => onTrouble(Problem.from(error)));
    const totals = index.totals();
    const { modules, versions } = index.counts();
    return { ...totals, modules, versions, pinned: pins.size, maxBytes: this.#maxBytes };
  }

  async close(): Promise<void> {
    await this.#maintenance?.stop();
    await Promise.allSettled([...this.#loading.values(), ...this.#committing]);
    await this.#publisher.close();
    await this.#descriptors.close();
    this.parts.index.close();
  }

  #takeIn(file: StoredFile, stat: FileStat): void {
    const { index } = this.parts;
    // What is not in memory but could be is read into it by the first find().
    if (file.bytes || file.size > this.#memoryFileBytes) this.#memory.put(file, stat);
    else this.#memory.drop(file.key);
    const { key, size, storedAtMs } = file;
    // Publishing may end later, and for several at once; it was used when it was brought.
    index.putFile({ key, size, storedAtMs, lastUsedMs: storedAtMs });
    this.#maintenance?.noteGrowth();
  }

  async #load(key: FileKey): Promise<StoredFile | null> {
    const { clock, index, folder } = this.parts;
    const path = pathOfKey(folder, key);
    const entry = this.#memory.get(key);
    try {
      const loaded = await loadFile(this.parts.disk, this.#descriptors, {
        key,
        path,
        known: entry ?? null,
        wholeUpToBytes: this.#memoryFileBytes,
      });
      const current = this.#memory.get(key);
      // Committed here in the meantime: that is newer than what was read.
      if (current && current !== entry) return current.file;
      if (loaded.kind === "absent") {
        this.#memory.drop(key);
        return null;
      }
      const fresh = loaded.kind === "unchanged" && entry ? entry : null;
      if (fresh) this.#memory.markChecked(fresh);
      const now = clock.now();
      if (!fresh || now - fresh.touchedAtMs > useResolutionMs) index.noteUse(key, now);
      if (fresh && now - fresh.touchedAtMs > useResolutionMs) fresh.touchedAtMs = now;
      if (fresh) return fresh.file;
      return loaded.kind === "loaded" ? this.#memory.put(loaded.file, loaded.stat).file : null;
    } catch (error) {
      throw storeFailure(`read ${key}`, error);
    }
  }
}

function canonicalVersionIn(escaped: string): string[] {
  try {
    const version = unescapeVersion(escaped);
    return isCanonicalVersion(version) ? [version] : [];
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}
