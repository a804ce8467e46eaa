import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { WorkerPublisher } from "./worker-publisher.ts";

test("WorkerPublisher makes every file visible, whole, with its time, and leaves nothing beside the tree", async () => {
  await using folder = await tempDir("publish");
  const staging = join(folder.path, "tmp");
  await mkdir(staging);
  const publisher = new WorkerPublisher();
  const files = Array.from({ length: 200 }, (_, index) => ({
    stagedPath: join(staging, `${index}.part`),
    path: join(folder.path, "cache", `m${index % 7}`, "@v", `v1.0.${index}.mod`),
    bytes: Buffer.from(index === 3 ? "" : `module example.com/m${index}\n`),
    modifiedAtMs: 1_700_000_000_000 + index,
  }));
  const stats = await Promise.all(files.map((file) => publisher.publish(file)));
  for (const [index, file] of files.entries()) {
    assert.deepEqual(await readFile(file.path), file.bytes);
    const found = await stat(file.path);
    assert.equal(Math.round(found.mtimeMs), file.modifiedAtMs);
    assert.deepEqual(stats[index], {
      size: file.bytes.length,
      modifiedAtMs: file.modifiedAtMs,
      inode: found.ino,
      isDirectory: false,
    });
  }
  assert.deepEqual(await readdir(staging), []);
  await publisher.close();
});

test("WorkerPublisher passes on what the disk says, and the other files of the batch are published", async () => {
  await using folder = await tempDir("publish");
  await writeFile(join(folder.path, "file"), "in the way");
  const publisher = new WorkerPublisher();
  const fileAt = (name: string): Parameters<WorkerPublisher["publish"]>[0] => ({
    stagedPath: join(folder.path, `${name.replaceAll("/", "-")}.part`),
    path: join(folder.path, name),
    bytes: Buffer.from("bytes"),
    modifiedAtMs: 1_700_000_000_000,
  });
  const outcomes = await Promise.allSettled([
    publisher.publish(fileAt("file/below")),
    publisher.publish(fileAt("good")),
  ]);
  assert.equal(outcomes[0].status, "rejected");
  assert.equal(outcomes[0].status === "rejected" && outcomes[0].reason.code, "ENOTDIR");
  assert.equal(outcomes[1].status, "fulfilled");
  assert.deepEqual((await readdir(folder.path)).sort(), ["file", "good"]);
  await publisher.close();
});

test("WorkerPublisher.close waits for what it was given", async () => {
  await using folder = await tempDir("publish");
  const publisher = new WorkerPublisher();
  const path = join(folder.path, "a", "b");
  const published = publisher.publish({
    stagedPath: join(folder.path, "b.part"),
    path,
    bytes: Buffer.from("bytes"),
    modifiedAtMs: 1_700_000_000_000,
  });
  await publisher.close();
  assert.equal((await published).size, 5);
  assert.equal(await readFile(path, "utf8"), "bytes");
});
