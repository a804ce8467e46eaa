import type { Clock } from "../kernel/clock.ts";
import type { Disk, DiskFile } from "../ports/disk.ts";
import type { ByteRange } from "../ports/store.ts";
import { Problem } from "../kernel/problem.ts";
import { ChunkBuffers, chunkBytes } from "./chunk-buffers.ts";
import { storeFailure } from "./store-failure.ts";

const maxIdle = 64;
const idleMs = 30_000;

/** Where a descriptor that was closed meanwhile is opened again, and how the file is known to be the same. */
export interface Origin {
  readonly path: string;
  readonly size: number;
  readonly modifiedAtMs: number;
}

/**
 * Open descriptors of large files. Idle ones stay open for a while, the most recently used 64 of them, so
 * that a hot zip costs no open; one that is being read is never closed.
 */
export class Descriptors {
  readonly disk: Disk;
  readonly buffers = new ChunkBuffers();
  readonly #clock: Clock;
  // Open and read by nobody, the least recently used first.
  readonly #idle = new Map<Descriptor, number>();
  #cancelSweep: (() => void) | null = null;
  #closed = false;

  constructor(disk: Disk, clock: Clock) {
    this.disk = disk;
    this.#clock = clock;
  }

  /** Takes over an open file, held once by the caller; it has no path to be opened by again, until placed. */
  adopt(file: DiskFile): Descriptor {
    return new Descriptor(this, file);
  }

  /** Open descriptors that nobody reads. */
  get idleCount(): number {
    return this.#idle.size;
  }

  /** Closes what is idle now, and from now on whatever becomes idle. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelSweep?.();
    const idle = [...this.#idle.keys()];
    this.#idle.clear();
    await Promise.all(idle.map((descriptor) => descriptor.shut()));
  }

  /** Called by a descriptor that is read again. */
  markBusy(descriptor: Descriptor): void {
    this.#idle.delete(descriptor);
  }

  /** Called by a descriptor that nobody reads any more. */
  markIdle(descriptor: Descriptor): void {
    if (this.#closed) return void descriptor.shut();
    this.#idle.set(descriptor, this.#clock.monotonic());
    this.#cancelSweep ??= this.#clock.after(idleMs, () => this.#sweep());
    if (this.#idle.size <= maxIdle) return;
    // What has no path could never be read again: time alone closes it.
    const oldest = [...this.#idle.keys()].find((each) => each.canReopen);
    if (oldest) this.#shut(oldest);
  }

  #sweep(): void {
    const before = this.#clock.monotonic() - idleMs;
    for (const [descriptor, since] of this.#idle) if (since <= before) this.#shut(descriptor);
    this.#cancelSweep = this.#idle.size > 0 ? this.#clock.after(idleMs, () => this.#sweep()) : null;
  }

  #shut(descriptor: Descriptor): void {
    this.#idle.delete(descriptor);
    void descriptor.shut();
  }
}

/** One large file: open while it is read, and for a while after. */
export class Descriptor {
  readonly #pool: Descriptors;
  #file: DiskFile | null;
  #origin: Origin | null = null;
  #opening: Promise<DiskFile> | null = null;
  #readers = 1;

  constructor(pool: Descriptors, file: DiskFile) {
    this.#pool = pool;
    this.#file = file;
  }

  get canReopen(): boolean {
    return this.#origin !== null;
  }

  /** Says under which path the file can be opened again. */
  place(origin: Origin): void {
    this.#origin = origin;
  }

  /** The open file, which stays open until the matching letGo(). */
  async hold(): Promise<DiskFile> {
    this.#readers++;
    this.#pool.markBusy(this);
    try {
      return this.#file ?? (await (this.#opening ??= this.#open()));
    } catch (error) {
      this.#readers--;
      throw error;
    }
  }

  letGo(): void {
    this.#readers--;
    if (this.#readers === 0 && this.#file) this.#pool.markIdle(this);
  }

  /** Closes the file; errors of closing what was only read say nothing. */
  async shut(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close().catch(() => {});
  }

  /**
   * The bytes of the range in chunks, each good until the next is asked for: one is read ahead while the one before
   * is being used.
   */
  async *stream(range: ByteRange): AsyncGenerator<Uint8Array> {
    if (range.end < range.start) return;
    const file = await this.hold();
    const buffers = this.#pool.buffers.take();
    let isFirst = false;
    const read = (at: number): Promise<Uint8Array> => {
      isFirst = !isFirst;
      const into = isFirst ? buffers.first : buffers.second;
      const chunk = file.read(at, Math.min(chunkBytes, range.end + 1 - at), into);
      // Where the reader leaves early nobody else sees it fail.
      chunk.catch(() => {});
      return chunk;
    };
    let position = range.start;
    let ahead = read(position);
    try {
      while (position <= range.end) {
        const chunk = await ahead;
        if (chunk.length === 0) throw new Problem("STORE_FAILED", `A file of the cache ends at byte ${position}`);
        position += chunk.length;
        if (position <= range.end) ahead = read(position);
        yield chunk;
      }
    } catch (error) {
      throw storeFailure("read a file of the cache", error);
    } finally {
      await ahead.catch(() => {});
      this.#pool.buffers.give(buffers);
      this.letGo();
    }
  }

  async #open(): Promise<DiskFile> {
    const origin = this.#origin;
    try {
      if (!origin) throw new Problem("STORE_FAILED", "Cannot read a file that was never published: it is closed");
      const file = await this.#pool.disk.open(origin.path);
      if (!file) throw new Problem("STORE_FAILED", `Cannot read ${origin.path}: it was removed meanwhile`);
      const stat = await file.stat();
      if (stat.size !== origin.size || stat.modifiedAtMs !== origin.modifiedAtMs) {
        await file.close().catch(() => {});
        throw new Problem("STORE_FAILED", `Cannot read ${origin.path}: it was replaced meanwhile`);
      }
      this.#file = file;
      return file;
    } catch (error) {
      throw storeFailure("open a file of the cache", error);
    } finally {
      this.#opening = null;
    }
  }
}
