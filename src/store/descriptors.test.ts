import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Clock } from "../kernel/clock.ts";
import type { Disk, DiskFile } from "../ports/disk.ts";
import type { Store, StoredFile } from "../ports/store.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { openFileStore, type FileStore, type FileStoreOptions } from "./file-store.ts";
import { nodeDisk } from "./node-disk.ts";

const zipKey = "example.com/a/@v/v1.0.0.zip";

test("a large file streams in chunks of 256 KiB with two of them at most, and its descriptor is reused", async () => {
  await using folder = await tempDir("store");
  const spy = new ReadSpy();
  const clock = new FakeClock();
  const store = await open(folder.path, clock, { disk: spy.disk });
  const size = 8 * 1024 * 1024 + 17;
  await using staged = await store.stage(zipKey);
  for (let at = 0; at < size; at += 64 * 1024)
    await staged.write(Buffer.alloc(Math.min(64 * 1024, size - at), at / 65_536));
  await staged.commit();
  for (let round = 0; round < 3; round++) {
    const file = store.peek(zipKey);
    assert.equal(file?.bytes, null);
    let received = 0;
    for await (const chunk of file?.stream() ?? []) {
      received += chunk.length;
      assert.equal(chunk[0], ((received - chunk.length) / 65_536) & 0xff);
      spy.give(chunk.length);
    }
    assert.equal(received, size);
  }
  assert.equal(spy.largest, 256 * 1024);
  assert.ok(spy.mostOut <= 2 * 256 * 1024, `${spy.mostOut} bytes out at once`);
  assert.equal(spy.opens.length, 0);
  await clock.advance(60_000);
  assert.equal(spy.openFiles, 0);
  const again = await store.find(zipKey);
  for await (const chunk of again?.stream({ start: 5, end: 5 }) ?? []) assert.equal(chunk.length, 1);
  assert.deepEqual(spy.opens, [join(folder.path, "cache", zipKey)]);
  await store.close();
  assert.equal(spy.openFiles, 0);
});

test("a stream that its reader leaves early gives its descriptor back", async () => {
  await using folder = await tempDir("store");
  const spy = new ReadSpy();
  const store = await open(folder.path, new FakeClock(), { disk: spy.disk });
  const file = await put(store, zipKey, Buffer.alloc(3_000_000));
  for await (const _chunk of file.stream()) break;
  await store.close();
  assert.equal(spy.openFiles, 0);
});

test("a file store leaves no descriptor open behind it", { skip: process.platform !== "linux" }, async () => {
  await using folder = await tempDir("store");
  const before = readdirSync("/proc/self/fd").length;
  const store = await open(folder.path, new FakeClock());
  for (let index = 0; index < 100; index++) {
    const file = await put(store, `example.com/a/@v/v1.0.${index}.zip`, Buffer.alloc(1_100_000));
    for await (const _chunk of file.stream({ start: 0, end: 0 }));
  }
  assert.ok(readdirSync("/proc/self/fd").length < before + 64 + 10);
  await store.close();
  assert.equal(readdirSync("/proc/self/fd").length, before);
});

/** Counts what is read and not yet given on, and which files are open. */
class ReadSpy {
  largest = 0;
  mostOut = 0;
  openFiles = 0;
  readonly opens: string[] = [];
  #out = 0;
  readonly disk: Disk = {
    ...nodeDisk,
    create: async (path) => this.#watch(await nodeDisk.create(path), path),
    open: async (path) => {
      const file = await nodeDisk.open(path);
      if (file) this.opens.push(path);
      return file && this.#watch(file, path);
    },
  };

  give(bytes: number): void {
    this.#out -= bytes;
  }

  #watch(file: DiskFile, path: string): DiskFile {
    if (!path.endsWith(".zip") && !path.endsWith(".part")) return file;
    this.openFiles++;
    let isOpen = true;
    const close = async (): Promise<void> => {
      if (isOpen) this.openFiles--;
      isOpen = false;
      await file.close();
    };
    return {
      ...file,
      close,
      [Symbol.asyncDispose]: close,
      read: (position, length, into) => {
        this.largest = Math.max(this.largest, length);
        this.#out += length;
        this.mostOut = Math.max(this.mostOut, this.#out);
        return file.read(position, length, into);
      },
    };
  }
}

function open(data: string, clock: Clock, more: Partial<FileStoreOptions> = {}): Promise<FileStore> {
  return openFileStore({
    data,
    disk: nodeDisk,
    clock,
    memoryBytes: 8_000_000,
    maxBytes: null,
    upkeep: "none",
    onTrouble: (problem) => assert.fail(problem),
    ...more,
  });
}

async function put(store: Store, key: string, bytes: Buffer): Promise<StoredFile> {
  await using staged = await store.stage(key);
  await staged.write(bytes);
  return await staged.commit();
}
