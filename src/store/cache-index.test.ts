import assert from "node:assert/strict";
import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import type { Problem } from "../kernel/problem.ts";
import { openFileStore, type FileStore, type FileStoreOptions } from "./file-store.ts";
import { isComplete, reconcile } from "./reconcile.ts";
import { nodeDisk } from "./node-disk.ts";

const never = new AbortController().signal;
const meta = { confirmedAtMs: 1_000, upstream: "first", upstreamEtag: '"e1"', upstreamLastModified: "Mon" };

test("what one process writes another reads after the flush at 250 ms", async () => {
  await using folder = await tempDir("index");
  const clock = new FakeClock();
  const [mine, theirs] = [await open(folder.path, clock), await open(folder.path, clock)];
  await put(mine, "example.com/a/@v/list", 10);
  mine.confirm("example.com/a/@v/list", meta);
  mine.recordSeen("example.com/a", "v1.0.0");
  assert.equal(theirs.answerMeta("example.com/a/@v/list"), null);
  assert.equal(theirs.wasSeen("example.com/a", "v1.0.0"), false);
  assert.equal(theirs.stats().files, 0);
  await clock.advance(250);
  assert.equal(theirs.wasSeen("example.com/a", "v1.0.0"), true);
  assert.equal(theirs.stats().files, 1);
  await clock.advance(750);
  assert.deepEqual(theirs.answerMeta("example.com/a/@v/list"), meta);
  await mine.close();
  await theirs.close();
});

test("two processes that record versions give every one of them a time of its own, in order of writing", async () => {
  await using folder = await tempDir("index");
  const clock = new FakeClock();
  const stores = [await open(folder.path, clock), await open(folder.path, clock)];
  const read: string[] = [];
  let since = 0;
  for (let round = 0; round < 20; round++) {
    for (const [index, store] of stores.entries()) store.recordSeen("example.com/a", `v${index}.${round}.0`);
    // The second store writes first; who follows the feed meanwhile must still get what the first writes later.
    for (const store of [stores[1], stores[0]]) {
      const page = store?.seenSince(since, 100) ?? [];
      read.push(...page.map(({ version }) => version));
      since = page.at(-1)?.firstSeenMs ?? since;
    }
  }
  assert.equal(read.length, 40);
  assert.equal(new Set(read).size, 40);
  for (const store of stores) await store.close();
});

test("what is known survives close() and the next open", async () => {
  await using folder = await tempDir("index");
  const clock = new FakeClock();
  const first = await open(folder.path, clock);
  await put(first, "example.com/a/@v/list", 10);
  first.confirm("example.com/a/@v/list", meta);
  first.recordSeen("example.com/a", "v1.0.0");
  await first.close();
  const second = await open(folder.path, clock);
  assert.deepEqual(second.answerMeta("example.com/a/@v/list"), meta);
  assert.equal(second.wasSeen("example.com/a", "v1.0.0"), true);
  assert.equal(second.stats().bytes, 10);
  await second.close();
});

for (const [what, damage] of [
  ["garbage", async (path: string) => writeFile(path, Buffer.alloc(100_000, 0x5a))],
  [
    "a file with half its pages overwritten",
    async (path: string) => writeFile(path, Buffer.alloc(60_000, 1), { flag: "r+" }),
  ],
  ["nothing", async (path: string) => rm(path)],
] as const) {
  test(`an index.sqlite that became ${what} is made anew from the tree`, async () => {
    await using folder = await tempDir("index");
    const first = await open(folder.path, systemClock);
    for (let minor = 0; minor < 30; minor++) {
      await put(first, `example.com/!a/@v/v1.${minor}.0.info`, 50);
      first.recordSeen("example.com/A", `v1.${minor}.0`);
    }
    await first.close();
    for (const suffix of ["-wal", "-shm"]) await rm(join(folder.path, `index.sqlite${suffix}`), { force: true });
    await damage(join(folder.path, "index.sqlite"));

    const [second, third] = await Promise.all([open(folder.path, systemClock), open(folder.path, systemClock)]);
    assert.equal(isComplete(second.parts.index.database), false);
    const report = await reconcile(second.parts, never);
    assert.deepEqual(report, { scanned: 30, added: 30, changed: 0, vanished: 0 });
    assert.equal(isComplete(third.parts.index.database), true);
    assert.equal(third.stats().bytes, 1_500);
    assert.equal(third.wasSeen("example.com/A", "v1.7.0"), true);
    const times = third.seenSince(0, 100).map(({ firstSeenMs }) => firstSeenMs);
    assert.equal(new Set(times).size, 30);
    assert.ok(times.every((time) => Math.abs(time - Date.now()) < 60_000));
    const damaged = (await readdir(folder.path)).includes("index.sqlite.damaged");
    assert.equal(damaged, what !== "nothing");
    await second.close();
    await third.close();
  });
}

test("reconcile finds files copied in by hand, forgets files that are gone, and leaves strangers alone", async () => {
  await using folder = await tempDir("index");
  const clock = new FakeClock(Date.now());
  const store = await open(folder.path, clock);
  await reconcile(store.parts, never);
  for (const version of ["v1.0.0", "v1.1.0"]) await put(store, `example.com/a/@v/${version}.zip`, 100);
  await rm(join(folder.path, "cache/example.com/a/@v/v1.0.0.zip"));
  const copied = join(folder.path, "cache/example.com/b/@v/v1.0.0.mod");
  await mkdir(dirname(copied), { recursive: true });
  await writeFile(copied, "module example.com/b\n");
  await utimes(copied, 1_600_000_000, 1_600_000_000);
  await writeFile(join(dirname(copied), "v1.0.0.ziphash"), "h1:");
  await writeFile(join(folder.path, "cache/example.com/a/@v/v1.1.0.zip"), "another content");
  await clock.advance(1_000);
  const report = await reconcile(store.parts, never);
  assert.deepEqual(report, { scanned: 2, added: 1, changed: 1, vanished: 1 });
  assert.equal(store.stats().files, 2);
  assert.equal(store.stats().bytes, 21 + 15);
  // On an index that had seen the tree before, a new version is new now, whatever its file says.
  assert.ok(
    (store.seenSince(0, 10).find(({ module }) => module === "example.com/b")?.firstSeenMs ?? 0) > 1_700_000_000_000,
  );
  assert.deepEqual(await reconcile(store.parts, never), { scanned: 2, added: 0, changed: 0, vanished: 0 });
  await store.close();
});

test("a flush waits for another process that writes, and loses nothing", async () => {
  await using folder = await tempDir("index");
  const clock = new FakeClock();
  const [mine, theirs] = [await open(folder.path, clock), await open(folder.path, clock)];
  theirs.parts.index.database.exec("BEGIN IMMEDIATE");
  mine.recordSeen("example.com/a", "v1.0.0");
  await clock.advance(250);
  assert.equal(mine.wasSeen("example.com/a", "v1.0.0"), true);
  assert.deepEqual(mine.seenSince(0, 10), []);
  theirs.parts.index.database.exec("ROLLBACK");
  await clock.advance(250);
  assert.equal(theirs.wasSeen("example.com/a", "v1.0.0"), true);
  await mine.close();
  await theirs.close();
});

test("a flush that fails is told once each time, and is tried again", async () => {
  await using folder = await tempDir("index");
  const clock = new FakeClock();
  const troubles: Problem[] = [];
  const store = await open(folder.path, clock, { onTrouble: (problem) => void troubles.push(problem) });
  const { database } = store.parts.index;
  database.exec("ALTER TABLE versions RENAME TO elsewhere");
  store.recordSeen("example.com/a", "v1.0.0");
  await clock.advance(250);
  assert.deepEqual(
    troubles.map(({ code }) => code),
    ["STORE_FAILED"],
  );
  database.exec("ALTER TABLE elsewhere RENAME TO versions");
  await clock.advance(5_000);
  assert.equal(troubles.length, 1);
  assert.equal(store.seenSince(0, 10).length, 1);
  await store.close();
});

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

async function put(store: FileStore, key: string, size: number): Promise<void> {
  await using staged = await store.stage(key);
  await staged.write(Buffer.alloc(size));
  await staged.commit();
}
