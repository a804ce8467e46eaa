import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Disk, DiskFile } from "../ports/disk.ts";
import type { Store } from "../ports/store.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { openFileStore } from "./file-store.ts";
import { nodeDisk } from "./node-disk.ts";

const key = "example.com/a/@v/v1.0.0.zip";

// What a commit calls, in order, for a new module; large content is written in pieces before.
const steps = ["create", "write", "setModified", "sync", "stat", "makeDirectory", "rename", "syncDirectory"];

for (const size of [1_000, 200_000]) {
  for (const code of ["ENOSPC", "EIO"]) {
    test(`a ${code} at any call while ${size} bytes are staged and committed is STORE_FAILED and leaves nothing`, async () => {
      const calls = await callsOfOneCommit(size);
      for (const step of steps) assert.ok(calls.includes(step), `a commit calls ${step}`);
      for (let failing = 0; failing < calls.length; failing++) {
        // What is synced and in its place is not undone because its descriptor did not close.
        if (calls[failing] === "close") continue;
        await using folder = await tempDir("faults");
        const disk = new FaultyDisk(code);
        await using opened = await open(folder.path, disk.disk);
        disk.failAt(failing);
        await assert.rejects(storeOne(opened.store, size), (error) => {
          assert.ok(error instanceof Problem, String(error));
          assert.equal(error.code, "STORE_FAILED", `${calls[failing]}: ${error.message}`);
          return true;
        });
        disk.failAt(Number.POSITIVE_INFINITY);
        const at = `after a failing ${calls[failing]} (call ${failing})`;
        assert.deepEqual(await filesBelow(join(folder.path, "cache")), [], at);
        assert.deepEqual(await filesBelow(join(folder.path, "tmp")), [], at);
        assert.equal(opened.store.peek(key), undefined, at);
        assert.equal(await opened.store.find(key), null, at);
        assert.equal(opened.store.stats().files, 0, at);
        await storeOne(opened.store, size);
        assert.equal((await opened.store.find(key))?.size, size, at);
      }
    });
  }
}

test("commit syncs the file before its rename, each new folder in its parent, and the folder of the file at last", async () => {
  await using folder = await tempDir("faults");
  const disk = new FaultyDisk("EIO");
  await using opened = await open(folder.path, disk.disk);
  disk.failAt(Number.POSITIVE_INFINITY);
  await storeOne(opened.store, 1_000);
  const cache = join(folder.path, "cache");
  const wanted = new Set(["sync", "rename", "makeDirectory", "syncDirectory"]);
  const made = ["", "/example.com", "/example.com/a"].flatMap((parent) => [
    "makeDirectory",
    `syncDirectory ${cache}${parent}`,
  ]);
  assert.deepEqual(
    disk.calls
      .map((call, index) => (call === "syncDirectory" ? `${call} ${disk.paths[index]}` : call))
      .filter((call) => wanted.has(call.split(" ")[0] ?? "")),
    ["sync", "rename", ...made, "rename", `syncDirectory ${cache}/example.com/a/@v`],
  );
});

test("find says STORE_FAILED where the disk cannot be read, and recovers", async () => {
  await using folder = await tempDir("faults");
  {
    await using opened = await open(folder.path, nodeDisk);
    await storeOne(opened.store, 1_000);
  }
  const disk = new FaultyDisk("EIO");
  await using opened = await open(folder.path, disk.disk);
  for (let failing = 0; failing < 3; failing++) {
    disk.failAt(failing);
    await assert.rejects(opened.store.find(key), { code: "STORE_FAILED" });
  }
  disk.failAt(Number.POSITIVE_INFINITY);
  assert.equal((await opened.store.find(key))?.size, 1_000);
});

test("a stream whose disk fails half-way throws STORE_FAILED after whole chunks", async () => {
  await using folder = await tempDir("faults");
  const disk = new FaultyDisk("EIO");
  await using opened = await open(folder.path, disk.disk, 0);
  await storeOne(opened.store, 1_000_000);
  const file = await opened.store.find(key);
  assert.ok(file);
  disk.failAt(1);
  let read = 0;
  await assert.rejects(
    async () => {
      for await (const chunk of file.stream()) read += chunk.length;
    },
    { code: "STORE_FAILED" },
  );
  assert.equal(read, 256 * 1024);
});

/** The real disk, with one call that fails; the calls are counted from failAt(). */
class FaultyDisk {
  readonly calls: string[] = [];
  /** What each call was about, where that is a path. */
  readonly paths: string[] = [];
  readonly disk: Disk;
  readonly #code: string;
  #failing = Number.POSITIVE_INFINITY;
  #count = 0;

  constructor(code: string) {
    this.#code = code;
    const call = async <T>(name: string, work: () => Promise<T>, path = ""): Promise<T> => {
      this.calls.push(name);
      this.paths.push(path);
      if (this.#count++ === this.#failing) throw Object.assign(new Error(`${name} fails`), { code: this.#code });
      return await work();
    };
    const wrap = (file: DiskFile): DiskFile => ({
      write: (bytes) => call("write", () => file.write(bytes)),
      read: (position, length, into) => call("read", () => file.read(position, length, into)),
      stat: () => call("stat", () => file.stat()),
      setModified: (at) => call("setModified", () => file.setModified(at)),
      sync: () => call("sync", () => file.sync()),
      // Its descriptor is closed all the same, as close(2) does.
      close: () => file.close().then(() => call("close", () => Promise.resolve())),
      [Symbol.asyncDispose]: () => file.close(),
    });
    this.disk = {
      create: async (path) => wrap(await call("create", () => nodeDisk.create(path))),
      open: async (path) => {
        const file = await call("open", () => nodeDisk.open(path));
        return file && wrap(file);
      },
      readFile: (path) => call("readFile", () => nodeDisk.readFile(path)),
      stat: (path) => call("lookup", () => nodeDisk.stat(path)),
      makeDirectory: (path) => call("makeDirectory", () => nodeDisk.makeDirectory(path)),
      rename: (from, to) => call("rename", () => nodeDisk.rename(from, to)),
      remove: (path) => call("remove", () => nodeDisk.remove(path)),
      removeDirectory: (path) => call("removeDirectory", () => nodeDisk.removeDirectory(path)),
      list: (path) => call("list", () => nodeDisk.list(path)),
      syncDirectory: (path) => call("syncDirectory", () => nodeDisk.syncDirectory(path), path),
    };
  }

  failAt(index: number): void {
    this.#count = 0;
    this.calls.length = 0;
    this.paths.length = 0;
    this.#failing = index;
  }
}

async function callsOfOneCommit(size: number): Promise<string[]> {
  await using folder = await tempDir("faults");
  const disk = new FaultyDisk("EIO");
  await using opened = await open(folder.path, disk.disk);
  disk.failAt(Number.POSITIVE_INFINITY);
  await storeOne(opened.store, size);
  return [...disk.calls];
}

async function open(
  data: string,
  disk: Disk,
  memoryFileBytes = 1024 * 1024,
): Promise<{ store: Store } & AsyncDisposable> {
  const store = await openFileStore({
    data,
    disk,
    clock: systemClock,
    memoryBytes: 4_000_000,
    memoryFileBytes,
    maxBytes: null,
    upkeep: "none",
    onTrouble: (problem) => assert.fail(problem),
  });
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

async function storeOne(store: Store, size: number): Promise<void> {
  await using staged = await store.stage(key);
  for (let at = 0; at < size; at += 30_000) await staged.write(Buffer.alloc(Math.min(30_000, size - at), 7));
  await staged.commit();
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
}
