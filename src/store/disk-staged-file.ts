import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Disk, DiskFile, FileStat } from "../ports/disk.ts";
import type { ByteRange, FileKey, StagedFile, StoredFile } from "../ports/store.ts";
import type { Descriptor, Descriptors } from "./descriptors.ts";
import type { DirectorySyncs } from "./directory-syncs.ts";
import { publishFile } from "./publish-file.ts";
import type { Publisher } from "./publish-whole.ts";
import { storeFailure } from "./store-failure.ts";
import { fileInMemory, fileOnDisk, smallFileBytes } from "./stored-file.ts";

/** What staging needs of its store. */
export interface StagingParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly descriptors: Descriptors;
  readonly syncs: DirectorySyncs;
  /** For files that are whole in memory. */
  readonly publisher: Publisher;
  /** Told of each commit as soon as it is durable. */
  readonly onCommit: (file: StoredFile, stat: FileStat) => void;
  /** Told of each commit as it starts: the store closes after its end. */
  readonly onCommitStart: (commit: Promise<unknown>) => void;
}

/** Where a staged file is and where it goes. */
export interface StagingPlace {
  readonly key: FileKey;
  readonly stagedPath: string;
  readonly path: string;
}

/**
 * A file on its way in. Up to 64 KiB stay in memory, and reach the disk at commit; more is written in
 * pieces of 64 KiB. Its time of modification is set to the time of storing, so that both are one.
 */
export class DiskStagedFile implements StagedFile {
  readonly #parts: StagingParts;
  readonly #place: StagingPlace;
  // Not on the disk yet: what follows the first #size - #heldBytes bytes.
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #heldJoined: Buffer | null = null;
  #size = 0;
  #file: DiskFile | null = null;
  #descriptor: Descriptor | null = null;
  #content: StoredFile | null = null;
  #commit: Promise<StoredFile> | null = null;
  #discarding: Promise<void> | null = null;

  constructor(parts: StagingParts, place: StagingPlace) {
    this.#parts = parts;
    this.#place = place;
  }

  get size(): number {
    return this.#size;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#content || this.#discarding)
      throw new TypeError("A staged file takes no bytes after content(), commit() or discard()");
    this.#held.push(bytes);
    this.#heldJoined = null;
    this.#heldBytes += bytes.length;
    this.#size += bytes.length;
    if (this.#heldBytes > smallFileBytes) await this.#flush();
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const onDisk = this.#size - this.#heldBytes;
    const end = Math.min(position + length, this.#size);
    if (position >= end) return new Uint8Array(0);
    if (position >= onDisk) return this.#joined().subarray(position - onDisk, end - onDisk);
    try {
      await this.#flush();
      return (await this.#file?.read(position, end - position)) ?? new Uint8Array(0);
    } catch (error) {
      throw storeFailure("read a staged file", error);
    }
  }

  async onDisk(): Promise<string> {
    await this.#flush();
    return this.#place.stagedPath;
  }

  content(): StoredFile {
    if (this.#content) return this.#content;
    if (this.#discarding) throw new TypeError("A discarded file has no content");
    const { clock, descriptors } = this.#parts;
    const { key } = this.#place;
    if (!this.#file) return (this.#content = fileInMemory(key, this.#joined(), clock.now()));
    this.#descriptor = descriptors.adopt(this.#file);
    const onDisk = fileOnDisk(key, this.#size, clock.now(), this.#descriptor);
    const tail = this.#joined();
    const tailStart = this.#size - tail.length;
    return (this.#content = { ...onDisk, stream: (range) => joinTail(onDisk, tailStart, tail, range) });
  }

  commit(): Promise<StoredFile> {
    if (this.#discarding) return Promise.reject(new TypeError("A discarded file cannot be committed"));
    if (this.#commit) return this.#commit;
    this.#commit = this.#publish();
    this.#parts.onCommitStart(this.#commit);
    return this.#commit;
  }

  async discard(): Promise<void> {
    if (this.#commit) return void (await this.#commit.catch(() => {}));
    await (this.#discarding ??= this.#cleanUp());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.discard();
  }

  async #publish(): Promise<StoredFile> {
    const { disk, syncs, onCommit } = this.#parts;
    const { key, path, stagedPath } = this.#place;
    const content = this.content();
    if (!this.#file && content.bytes) return this.#publishWhole(content, content.bytes);
    try {
      await this.#flush();
      const file = (this.#file ??= await disk.create(stagedPath));
      await file.setModified(content.storedAtMs);
      await file.sync();
      const stat = await file.stat();
      if (stat.size !== this.#size)
        throw new Problem("STORE_FAILED", `${stat.size} of ${this.#size} bytes are on the disk`);
      await publishFile(disk, syncs, stagedPath, path);
      const stored = this.#descriptor ? fileOnDisk(key, this.#size, content.storedAtMs, this.#descriptor) : content;
      this.#descriptor?.place({ path, size: this.#size, modifiedAtMs: stat.modifiedAtMs });
      onCommit(stored, stat);
      // Closing what is synced has nothing left to fail on.
      await this.#release().catch(() => {});
      return stored;
    } catch (error) {
      await this.#cleanUp();
      throw storeFailure(`store ${key}`, error);
    }
  }

  async #publishWhole(content: StoredFile, bytes: Buffer): Promise<StoredFile> {
    const { publisher, onCommit } = this.#parts;
    const { key, path, stagedPath } = this.#place;
    try {
      const stat = await publisher.publish({ stagedPath, path, bytes, modifiedAtMs: content.storedAtMs });
      onCommit(content, stat);
      return content;
    } catch (error) {
      throw storeFailure(`store ${key}`, error);
    }
  }

  async #flush(): Promise<void> {
    if (this.#heldBytes === 0) return;
    const bytes = this.#joined();
    try {
      this.#file ??= await this.#parts.disk.create(this.#place.stagedPath);
      await this.#file.write(bytes);
    } catch (error) {
      throw storeFailure(`write ${this.#place.key}`, error);
    }
    this.#held = [];
    this.#heldJoined = null;
    this.#heldBytes = 0;
  }

  async #cleanUp(): Promise<void> {
    await this.#release().catch(() => {});
    // What cannot be removed now is removed as a leftover at the next start.
    if (this.#file) await this.#parts.disk.remove(this.#place.stagedPath).catch(() => {});
  }

  // Readers of content() hold the descriptor themselves.
  async #release(): Promise<void> {
    if (this.#descriptor) this.#descriptor.letGo();
    else await this.#file?.close();
  }

  // A copy of its own size: a piece of a network buffer would keep that whole buffer in memory.
  #joined(): Buffer {
    if (this.#heldJoined) return this.#heldJoined;
    const joined = Buffer.allocUnsafeSlow(this.#heldBytes);
    let position = 0;
    for (const piece of this.#held) {
      joined.set(piece, position);
      position += piece.length;
    }
    this.#held = [joined];
    return (this.#heldJoined = joined);
  }
}

async function* joinTail(
  onDisk: StoredFile,
  tailStart: number,
  tail: Uint8Array,
  range: ByteRange = { start: 0, end: onDisk.size - 1 },
): AsyncGenerator<Uint8Array> {
  if (range.start < tailStart) {
    yield* onDisk.stream({ start: range.start, end: Math.min(range.end, tailStart - 1) });
  }
  if (range.end >= tailStart) {
    yield tail.subarray(Math.max(0, range.start - tailStart), range.end + 1 - tailStart);
  }
}
