import { LRUCache } from "lru-cache";
import type { Clock } from "../kernel/clock.ts";
import type { FileKey, StoredFile } from "../ports/store.ts";
import { isVersionKey } from "./cache-layout.ts";

const preferredBytes = 256 * 1024;
const checkMs = 1_000;
const versionPeekMs = 10_000;
// What an entry costs beside its content: key, tag, objects.
const entryBytes = 512;

/** A file as it was on the disk when it was last looked at. */
export interface MemoryEntry {
  readonly file: StoredFile;
  readonly inode: number;
  readonly modifiedAtMs: number;
  /** Its last use as the index knows it, in milliseconds since 1970. */
  touchedAtMs: number;
  /** Monotonic milliseconds until which find() need not look again. */
  checkedUntil: number;
  /** Monotonic milliseconds until which peek() gives it. */
  peekUntil: number;
}

/**
 * Files by key within a budget of bytes, the least recently used going first. Those above 256 KiB share a
 * quarter of it, so that a few of them never drive out thousands of small ones. A file too large to be
 * held is here without its content.
 */
export class MemoryLayer {
  readonly #small: LRUCache<FileKey, MemoryEntry>;
  readonly #large: LRUCache<FileKey, MemoryEntry>;
  readonly #clock: Clock;

  constructor(budgetBytes: number, clock: Clock) {
    this.#clock = clock;
    this.#small = new LRUCache({ maxSize: Math.max(1, Math.ceil(budgetBytes * 0.75)) });
    this.#large = new LRUCache({ maxSize: Math.max(1, Math.ceil(budgetBytes * 0.25)) });
  }

  /** The file while its entry is young enough to be served without a look at the disk. */
  peek(key: FileKey): StoredFile | undefined {
    const entry = this.#small.get(key) ?? this.#large.get(key);
    return entry !== undefined && this.#clock.monotonic() < entry.peekUntil ? entry.file : undefined;
  }

  /** The entry, however old. */
  get(key: FileKey): MemoryEntry | undefined {
    return this.#small.get(key) ?? this.#large.get(key);
  }

  /** True while find() may answer with the entry. */
  isChecked(entry: MemoryEntry): boolean {
    return this.#clock.monotonic() < entry.checkedUntil;
  }

  /** Takes in a file that was just seen on the disk. */
  put(file: StoredFile, stat: { readonly inode: number; readonly modifiedAtMs: number }): MemoryEntry {
    const { inode, modifiedAtMs } = stat;
    const entry = { file, inode, modifiedAtMs, touchedAtMs: this.#clock.now(), checkedUntil: 0, peekUntil: 0 };
    this.markChecked(entry);
    this.drop(file.key);
    const held = file.bytes?.length ?? 0;
    const tier = held > preferredBytes ? this.#large : this.#small;
    tier.set(file.key, entry, { size: held + file.key.length + entryBytes });
    return entry;
  }

  /** Notes that the entry is what the disk has now. */
  markChecked(entry: MemoryEntry): void {
    const now = this.#clock.monotonic();
    entry.checkedUntil = now + checkMs;
    entry.peekUntil = now + (isVersionKey(entry.file.key) ? versionPeekMs : checkMs);
  }

  drop(key: FileKey): void {
    this.#small.delete(key);
    this.#large.delete(key);
  }

  /** Bytes held, by the same count as the budget. */
  get bytes(): number {
    return this.#small.calculatedSize + this.#large.calculatedSize;
  }
}
