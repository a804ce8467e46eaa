import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { listVersions, storeStats } from "./cache-listing.ts";
import { pinVersions, unpinVersions } from "./change-pins.ts";
import { openFileStore, type FileStore, type FileStoreOptions } from "./file-store.ts";
import { nodeDisk } from "./node-disk.ts";
import { prune } from "./prune-cache.ts";

const command = { signal: new AbortController().signal };
const all = { olderThanMs: null, maxBytes: null, pattern: null, dryRun: false };

test("a store over its limit drops what was used longest ago, never a pinned version, and remembers versions", async () => {
  await using folder = await tempDir("evict");
  const clock = new FakeClock();
  const store = await open(folder.path, clock, { maxBytes: 10_000, upkeep: "background" });
  await until(clock, () => store.stats().files === 0);
  await pinVersions(store.parts, [{ module: "example.com/a", version: "v1.0.0" }], command.signal);
  for (let minor = 0; minor < 10; minor++) {
    await putVersion(store, minor, 990);
    await clock.advance(60_001);
  }
  // Used again, so it is no longer the oldest.
  await store.find(zipKey(1));
  await clock.advance(60_001);
  await putVersion(store, 10, 990);
  await until(clock, () => store.stats().bytes <= 9_500);
  const left = await versionsLeft(store);
  assert.deepEqual(left, ["v1.0.0", "v1.1.0", "v1.4.0", "v1.5.0", "v1.6.0", "v1.7.0", "v1.8.0", "v1.9.0", "v1.10.0"]);
  assert.equal(await store.find(zipKey(2)), null);
  assert.equal(store.peek(zipKey(2)), undefined);
  assert.equal(store.wasSeen("example.com/a", "v1.2.0"), true);
  assert.equal(store.seenSince(0, 100).length, 11);
  await store.close();
});

test("only one process of a folder evicts, and another goes on when it closes", async () => {
  await using folder = await tempDir("evict");
  const clock = new FakeClock(Date.now());
  const first = await open(folder.path, clock, { maxBytes: 100_000, upkeep: "background" });
  await until(clock, async () => (await readdir(join(folder.path, "tmp"))).includes("maintenance.lock"));
  const second = await open(folder.path, clock, { maxBytes: 2_000, upkeep: "background" });
  for (let minor = 0; minor < 4; minor++) await putVersion(first, minor, 990);
  for (let round = 0; round < 200; round++) {
    await clock.advance(500);
    await readdir(folder.path);
  }
  assert.equal(second.stats().bytes, 4_000);
  await first.close();
  await until(clock, () => second.stats().bytes <= 2_000);
  await second.close();
  assert.deepEqual(await readdir(join(folder.path, "tmp")), []);
});

test("prune removes by age, by size and by pattern, says the same in a dry run, and removes empty folders", async () => {
  await using folder = await tempDir("evict");
  const clock = new FakeClock();
  const store = await open(folder.path, clock);
  for (let minor = 0; minor < 6; minor++) {
    await putVersion(store, minor, 90);
    await clock.advance(3_600_000);
  }
  await put(store, "example.com/b/@v/v1.0.0.mod", 7);
  const wish = { ...all, olderThanMs: 4.5 * 3_600_000 };
  const dry = await prune(store, { ...wish, dryRun: true }, command);
  assert.equal(store.stats().files, 13);
  const report = await prune(store, wish, command);
  assert.deepEqual(report, { ...dry, dryRun: false });
  assert.deepEqual(
    report.removed.map(({ key }) => key),
    ["v1.0.0.info", "v1.0.0.zip", "v1.1.0.info", "v1.1.0.zip"].map((name) => `example.com/a/@v/${name}`),
  );
  assert.deepEqual([report.bytes, report.versions], [200, 2]);

  await prune(store, { ...all, maxBytes: 250 }, command);
  assert.deepEqual(await versionsLeft(store), ["v1.4.0", "v1.5.0", "v1.0.0"]);
  const named = await prune(store, { ...all, pattern: "example.com/a" }, command);
  assert.equal(named.versions, 2);
  assert.equal(store.peek(zipKey(5)), undefined);
  assert.deepEqual(await readdir(join(folder.path, "cache/example.com")), ["b"]);
  await prune(store, all, command);
  assert.deepEqual(await readdir(join(folder.path, "cache")), []);
  assert.equal((await storeStats(store, command)).files, 0);
  await store.close();
});

test("prune keeps pinned versions, follows the pins file, and unpin lets them go", async () => {
  await using folder = await tempDir("evict");
  const clock = new FakeClock();
  const store = await open(folder.path, clock);
  for (let minor = 0; minor < 3; minor++) await putVersion(store, minor, 90);
  const pinned = [0, 1].map((minor) => ({ module: "example.com/a", version: `v1.${minor}.0` }));
  await writeFile(join(folder.path, "pins"), "# by hand\nexample.com/a v1.0.0\n");
  assert.deepEqual(await pinVersions(store.parts, pinned, command.signal), {
    changed: [pinned[1]],
    unchanged: [pinned[0]],
    total: 2,
  });
  await clock.advance(1_000);
  await prune(store, all, command);
  assert.deepEqual((await versionsLeft(store)).sort(), ["v1.0.0", "v1.1.0"]);
  assert.equal(store.stats().pinned, 2);
  await unpinVersions(store.parts, pinned.slice(0, 1), command.signal);
  await clock.advance(1_000);
  await prune(store, all, command);
  assert.deepEqual(await versionsLeft(store), ["v1.1.0"]);
  await store.close();
});

test("pinVersions of several processes at once loses no pin", async () => {
  await using folder = await tempDir("evict");
  const stores = await Promise.all([1, 2, 3].map(() => open(folder.path, systemClock)));
  const pins = stores.flatMap(({ parts }, index) =>
    [0, 1, 2].map((minor) =>
      pinVersions(parts, [{ module: "example.com/a", version: `v${index}.${minor}.0` }], command.signal),
    ),
  );
  await Promise.all(pins);
  assert.equal((await unpinVersions(stores[0]!.parts, [], command.signal)).total, 9);
  await Promise.all(stores.map((store) => store.close()));
});

test("listVersions sorts, limits and filters, and storeStats names the largest modules", async () => {
  await using folder = await tempDir("evict");
  const clock = new FakeClock();
  const store = await open(folder.path, clock);
  for (const [minor, size] of [300, 100, 200].entries()) {
    await putVersion(store, minor, size);
    await clock.advance(1_000);
  }
  await put(store, "corp.example/b/@v/v1.0.0.mod", 1_000);
  await put(store, "sumdb/sum.golang.org/tile/8/0/001", 8_192);
  await pinVersions(store.parts, [{ module: "example.com/a", version: "v1.1.0" }], command.signal);
  await clock.advance(1_000);
  const names = async (sort: "name" | "size" | "used" | "stored", limit: number): Promise<string[]> =>
    (await listVersions(store, { pattern: null, sort, limit }, command)).map(
      ({ module, version }) => `${module} ${version}`,
    );
  assert.deepEqual(await names("size", 2), ["corp.example/b v1.0.0", "example.com/a v1.0.0"]);
  assert.deepEqual(await names("stored", 3), ["corp.example/b v1.0.0", "example.com/a v1.2.0", "example.com/a v1.1.0"]);
  assert.deepEqual(await names("name", 9), [
    "corp.example/b v1.0.0",
    "example.com/a v1.0.0",
    "example.com/a v1.1.0",
    "example.com/a v1.2.0",
  ]);
  const [named] = await listVersions(store, { pattern: "example.com/*", sort: "size", limit: 10 }, command);
  assert.deepEqual(
    [named?.version, named?.bytes, named?.files, named?.isPinned],
    ["v1.0.0", 310, ["info", "zip"], false],
  );
  const stats = await storeStats(store, command);
  assert.deepEqual(stats.largest[0], { module: "corp.example/b", versions: 1, bytes: 1_000 });
  assert.deepEqual([stats.files, stats.zipBytes, stats.pinned, stats.versions], [8, 600, 1, 4]);
  await store.close();
});

const zipKey = (minor: number): string => `example.com/a/@v/v1.${minor}.0.zip`;

async function putVersion(store: FileStore, minor: number, zipBytes: number): Promise<void> {
  await put(store, zipKey(minor).replace(".zip", ".info"), 10);
  await put(store, zipKey(minor), zipBytes);
  store.recordSeen("example.com/a", `v1.${minor}.0`);
}

async function put(store: FileStore, key: string, size: number): Promise<void> {
  await using staged = await store.stage(key);
  await staged.write(Buffer.alloc(size));
  await staged.commit();
}

async function versionsLeft(store: FileStore): Promise<string[]> {
  const versions = await listVersions(store, { pattern: null, sort: "stored", limit: 100 }, command);
  return versions.map(({ version }) => version).reverse();
}

/** Lets time pass, and the disk do its work, until it holds. */
async function until(clock: FakeClock, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
    if (await holds()) return;
    await clock.advance(20);
    await nodeDisk.stat("/");
  }
  assert.fail("it never came to hold");
}

function open(data: string, clock: Clock, more: Partial<FileStoreOptions> = {}): Promise<FileStore> {
  return openFileStore({
    data,
    disk: nodeDisk,
    clock,
    memoryBytes: 1_000_000,
    maxBytes: null,
    upkeep: "none",
    onTrouble: (problem) => assert.fail(problem),
    ...more,
  });
}
