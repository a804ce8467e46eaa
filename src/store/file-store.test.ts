import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Clock } from "../kernel/clock.ts";
import type { Disk } from "../ports/disk.ts";
import type { Store, StoredFile } from "../ports/store.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { moduleTree } from "../../test/testkit/module-tree.ts";
import { openFileStore, type FileStore, type FileStoreOptions } from "./file-store.ts";
import { nodeDisk } from "./node-disk.ts";

const infoKey = "example.com/a/@v/v1.0.0.info";
const zipKey = "example.com/a/@v/v1.0.0.zip";
const listKey = "example.com/a/@v/list";

test("cache/ of a FileStore is a GOPROXY file tree that go mod download reads", async () => {
  await using folder = await tempDir("store");
  await using work = await tempDir("go");
  const tree = await moduleTree([
    { path: "example.com/Upper/a", version: "v1.0.0" },
    { path: "example.com/b", version: "v2.0.0+incompatible", goMod: null },
  ]);
  const store = await open(folder.path, new FakeClock());
  const paths = tree.versions.flatMap(({ path, version }) => {
    const base = path.replace("Upper", "!upper");
    return [`${base}/@v/list`, ...["info", "mod", "zip"].map((extension) => `${base}/@v/${version}.${extension}`)];
  });
  for (const path of paths) await put(store, path, tree.answer(`/${path}`)?.body ?? Buffer.alloc(0));
  await store.close();

  await writeFile(join(work.path, "go.mod"), "module example.com/main\n\ngo 1.21\n");
  const env = {
    PATH: process.env["PATH"],
    HOME: join(work.path, "home"),
    GOPATH: join(work.path, "gopath"),
    GOMODCACHE: join(work.path, "modcache"),
    GOCACHE: join(work.path, "gocache"),
    GOENV: "off",
    GOFLAGS: "-modcacherw",
    GOSUMDB: "off",
    GOTOOLCHAIN: "local",
    GOPROXY: `file://${folder.path}/cache`,
  };
  const args = ["mod", "download", "-json", "example.com/Upper/a@v1.0.0", "example.com/b@latest"];
  const go = spawnSync("go", args, { cwd: work.path, env, encoding: "utf8" });
  assert.equal(go.status, 0, go.stderr + go.stdout);
  assert.equal(go.stdout.match(/"Sum": "h1:/g)?.length, 2, go.stdout);
  const other = (await readdir(join(folder.path, "cache"), { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder.path, "cache/").length));
  assert.deepEqual(other.sort(), paths.sort());
});

test("peek and find give the file of another process within a second for lists, and within ten for versions", async () => {
  await using folder = await tempDir("store");
  const clock = new FakeClock();
  const [mine, theirs] = [await open(folder.path, clock), await open(folder.path, clock)];
  for (const key of [listKey, infoKey]) await put(mine, key, Buffer.from("one"));
  // Within the same millisecond and of the same size: only the file itself is another.
  for (const key of [listKey, infoKey]) await put(theirs, key, Buffer.from("two"));
  assert.equal(await contentOf(await mine.find(listKey)), "one");
  await clock.advance(1_001);
  assert.equal(mine.peek(listKey), undefined);
  assert.equal(mine.peek(infoKey)?.bytes?.toString(), "one");
  assert.equal(await contentOf(await mine.find(listKey)), "two");
  assert.equal(mine.peek(listKey)?.bytes?.toString(), "two");
  assert.equal(await contentOf(await mine.find(infoKey)), "two");

  await theirs.remove(infoKey);
  assert.equal(mine.peek(infoKey)?.bytes?.toString(), "two");
  await clock.advance(10_000);
  assert.equal(mine.peek(infoKey), undefined);
  assert.equal(await mine.find(infoKey), null);
  await mine.close();
  await theirs.close();
});

test("find looks at the disk once a second at most, however many ask", async () => {
  await using folder = await tempDir("store");
  const clock = new FakeClock();
  const counts = { stat: 0, open: 0 };
  const disk: Disk = {
    ...nodeDisk,
    stat: (path) => (counts.stat++, nodeDisk.stat(path)),
    open: (path) => (counts.open++, nodeDisk.open(path)),
  };
  const writer = await open(folder.path, clock);
  await put(writer, infoKey, Buffer.from("one"));
  await writer.close();
  const store = await open(folder.path, clock, { disk });
  Object.assign(counts, { stat: 0, open: 0 });
  await Promise.all(Array.from({ length: 50 }, () => store.find(infoKey)));
  for (let index = 0; index < 50; index++) await store.find(infoKey);
  assert.deepEqual(counts, { stat: 0, open: 1 });
  await clock.advance(1_000);
  await Promise.all(Array.from({ length: 50 }, () => store.find(infoKey)));
  assert.deepEqual(counts, { stat: 1, open: 1 });
  await store.close();
});

test("the memory layer keeps small files when large ones pass through, and stays within its budget", async () => {
  await using folder = await tempDir("store");
  const memoryBytes = 2_000_000;
  const store = await open(folder.path, new FakeClock(), { memoryBytes });
  const small = Array.from({ length: 50 }, (_, index) => `example.com/a/@v/v1.${index}.0.info`);
  for (const key of small) await put(store, key, Buffer.alloc(2_000));
  for (let index = 0; index < 10; index++) {
    const key = `example.com/a/@v/v1.${index}.0.zip`;
    await put(store, key, Buffer.alloc(400_000));
    await store.find(key);
  }
  for (const key of small) assert.ok(store.peek(key), key);
  const zips = Array.from({ length: 10 }, (_, index) => store.peek(`example.com/a/@v/v1.${index}.0.zip`));
  assert.equal(zips.filter((zip) => zip?.bytes).length, 1);
  await store.close();
});

test("openFileStore removes what dead processes staged and leaves what living ones stage", async () => {
  await using folder = await tempDir("store");
  const clock = new FakeClock(Date.now());
  const living = await open(folder.path, clock);
  await using staged = await living.stage(zipKey);
  await staged.write(Buffer.alloc(100_000));
  const [name = ""] = await readdir(join(folder.path, "tmp"));
  const [host = ""] = name.split("-");
  const dead = spawnSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }).stdout.trim();
  const leftovers = [`${host}-${dead}-x-1.part`, `${host}-${process.pid}-x-1.part`, "0ther-1-x-1.part"];
  for (const leftover of leftovers) await writeFile(join(folder.path, "tmp", leftover), "half");
  const justBefore = performance.timeOrigin / 1000 - 60;
  // A process id comes back after a restart of a container: what is older than the process is not its own.
  await utimes(join(folder.path, "tmp", leftovers[1] ?? ""), justBefore, justBefore);
  const again = await open(folder.path, clock);
  assert.deepEqual((await readdir(join(folder.path, "tmp"))).sort(), ["0ther-1-x-1.part", name].sort());
  await staged.commit();
  assert.equal((await again.find(zipKey))?.size, 100_000);
  await living.close();
  await again.close();
});

test("close waits for commits that run behind their answers, and the index knows them", async () => {
  await using folder = await tempDir("store");
  const clock = new FakeClock();
  const store = await open(folder.path, clock);
  const staged = await store.stage(zipKey);
  await staged.write(Buffer.alloc(100_000));
  const committing = staged.commit();
  await store.close();
  await committing;
  const again = await open(folder.path, clock);
  assert.equal(again.stats().bytes, 100_000);
  await again.close();
});

test("openFileStore removes locks of dead processes, and no others", async () => {
  await using folder = await tempDir("store");
  const clock = new FakeClock(Date.now());
  const owner = { pid: 7, host: "host", startedAtMs: 0, isAlive: (pid: number) => pid === 8 };
  await (await open(folder.path, clock, { owner })).close();
  for (const pid of [8, 9]) await writeFile(join(folder.path, `tmp/${pid}.lock`), `${pid} host ${Date.now()} token\n`);
  await writeFile(join(folder.path, "tmp/foreign.lock"), `9 other ${Date.now()} token\n`);
  await (await open(folder.path, clock, { owner })).close();
  assert.deepEqual((await readdir(join(folder.path, "tmp"))).sort(), ["8.lock", "foreign.lock"]);
});

test("commit makes a folder again that a prune of another process removed", async () => {
  await using folder = await tempDir("store");
  const store = await open(folder.path, new FakeClock());
  await put(store, infoKey, Buffer.from("one"));
  await rm(join(folder.path, "cache/example.com"), { recursive: true });
  await put(store, zipKey, Buffer.from("zip"));
  assert.equal((await readFile(join(folder.path, "cache", zipKey))).toString(), "zip");
  await store.close();
});

test("the time of modification of a stored file is the time of storing, so that tags survive a restart", async () => {
  await using folder = await tempDir("store");
  const clock = new FakeClock(1_767_225_600_123);
  const first = await open(folder.path, clock);
  const sizes = [0, 100, 65_537, 2_000_000];
  const before: string[] = [];
  for (const size of sizes)
    before.push((await put(first, `example.com/a/@v/v1.0.${size}.zip`, Buffer.alloc(size))).etag);
  await first.close();
  const { mtimeMs } = await stat(join(folder.path, "cache/example.com/a/@v/v1.0.100.zip"));
  assert.equal(Math.round(mtimeMs), 1_767_225_600_123);
  await clock.advance(1_000_000);
  const second = await open(folder.path, clock);
  const after: string[] = [];
  for (const size of sizes) after.push((await second.find(`example.com/a/@v/v1.0.${size}.zip`))?.etag ?? "");
  assert.deepEqual(after, before);
  await second.close();
});

test("find and stage refuse a key that leaves the cache folder", async () => {
  await using folder = await tempDir("store");
  const store = await open(folder.path, new FakeClock());
  for (const key of ["../pins", "/etc/passwd", "a/../../pins", "a//b", "a/./b", "", "a\0b", "a\\b"]) {
    await assert.rejects(async () => await store.find(key), { code: "INVALID_MODULE_PATH" }, key);
    await assert.rejects(async () => await store.stage(key), { code: "INVALID_MODULE_PATH" }, key);
  }
  assert.equal(await store.find(`example.com/${"x".repeat(400)}/@v/list`), null);
  assert.equal(await store.find("example.com"), null);
  await store.close();
});

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

async function contentOf(file: StoredFile | null): Promise<string | null> {
  if (!file) return null;
  const pieces: Uint8Array[] = [];
  for await (const piece of file.stream()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
