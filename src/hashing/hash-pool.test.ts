import assert from "node:assert/strict";
import { openSync, writeSync, closeSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Worker } from "node:worker_threads";
import { generateGraph } from "../../test/testkit/generate-graph.ts";
import { goCommand } from "../../test/testkit/go-command.ts";
import { moduleTree } from "../../test/testkit/module-tree.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";
import { HashPool } from "./hash-pool.ts";

const never = new AbortController().signal;
const isDeep = process.env["MODGATE_DEEP"] === "1";

/** A zip that takes some hundred milliseconds to hash. */
async function slowZip(): Promise<{ module: string; version: string; content: Buffer; h1: string }> {
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`f${index}`, Buffer.alloc(1_000_000, index)]),
  );
  const [made] = (await moduleTree([{ path: "example.com/slow", version: "v1.0.0", files }])).versions;
  assert.ok(made);
  return { module: made.path, version: made.version, content: made.zip, h1: made.zipHash };
}

test("HashPool has for each module the Sum that go mod download says, by path, by bytes, and of the folder", async () => {
  const { tree, names } = await generateGraph({
    modules: 12,
    seed: 4,
    zipBytes: 3000,
    filler: { files: 5, bytesEach: 2000 },
  });
  const extra = await moduleTree([
    {
      path: "example.com/Upper",
      version: "v1.0.0-RC1",
      goMod: null,
      files: { "é/日本.go": "package a\n", LICENSE: "" },
    },
    { path: "example.com/big/v2", version: "v2.0.1", files: { "a.bin": Buffer.alloc(9_000_000, "ab") } },
  ]);
  await using upstream = await UpstreamServer.start({ tree, responders: [extra] });
  await using go = await goCommand({ GOPROXY: upstream.url });
  await using pool = new HashPool({ threads: 2, maxWaiting: 100 });
  for (const name of [...names, "example.com/Upper@v1.0.0-RC1", "example.com/big/v2@v2.0.1"]) {
    const { stdout, stderr } = await go.run(["mod", "download", "-json", name]);
    const answer = JSON.parse(stdout) as { Path: string; Version: string; Zip: string; Dir: string; Sum: string };
    const { Path: module, Version: version } = answer;
    const made = [tree, extra].flatMap((one) => one.versions).find((one) => `${one.path}@${one.version}` === name);
    const zip = await pool.zip({ module, version, content: answer.Zip }, never);
    assert.equal(zip.h1, answer.Sum, stderr);
    assert.deepEqual(await pool.zip({ module, version, content: made?.zip ?? Buffer.alloc(0) }, never), zip);
    assert.deepEqual(await pool.folder({ module, version, path: answer.Dir }, never), zip);
  }
});

test("HashPool says why there is no h1: UPSTREAM_DAMAGED, STORE_FAILED", async () => {
  await using scratch = await tempDir("hash-pool");
  await using pool = new HashPool({ threads: 1, maxWaiting: 100 });
  const version = { module: "example.com/a", version: "v1.0.0" };
  const page = join(scratch.path, "login.zip");
  await writeFile(page, "<html>log in</html>");
  const broken = { code: "UPSTREAM_DAMAGED", message: /zip of example.com\/a@v1.0.0 is damaged: it has no end/ };
  await assert.rejects(pool.zip({ ...version, content: page }, never), broken);
  await assert.rejects(pool.zipAsItIs({ ...version, content: Buffer.from("<html>") }, never), broken);
  const gone = { code: "STORE_FAILED", message: /ENOENT/ };
  await assert.rejects(pool.zip({ ...version, content: join(scratch.path, "nothing") }, never), gone);
  await assert.rejects(pool.folder({ ...version, path: join(scratch.path, "nothing") }, never), gone);
  await assert.rejects(pool.folder({ ...version, path: page }, never), { code: "STORE_FAILED", message: /ENOTDIR/ });
});

test("HashPool.zip refuses what go cannot unpack, zipAsItIs hashes it all the same", async () => {
  await using pool = new HashPool({ threads: 1, maxWaiting: 100 });
  const [made] = (await moduleTree([{ path: "example.com/a", version: "v1.0.0", files: { "b/go.mod": "" } }])).versions;
  assert.ok(made);
  const zip = { module: made.path, version: made.version, content: made.zip };
  await assert.rejects(pool.zip(zip, never), { code: "UPSTREAM_DAMAGED", message: /not in module root/ });
  const found = await pool.zipAsItIs(zip, never);
  assert.equal(found.h1, made.zipHash);
  assert.match(found.fault ?? "", /not in module root/);
});

test("HashPool rejects an aborted job at once and goes on with the others", async () => {
  const { h1, ...slow } = await slowZip();
  await using pool = new HashPool({ threads: 1, maxWaiting: 100 });
  const stops = Array.from({ length: 5 }, () => new AbortController());
  const jobs = stops.map(({ signal }) => pool.zip(slow, signal));
  const reason = new Error("gone");
  const outcomes = Promise.allSettled(jobs);
  // Under way, given to the thread, and in the queue.
  for (const index of [0, 1, 3]) stops[index]?.abort(reason);
  const settled = await outcomes;
  for (const [index, outcome] of settled.entries()) {
    if ([0, 1, 3].includes(index)) assert.equal(outcome.status === "rejected" && outcome.reason, reason, String(index));
    else assert.equal(outcome.status === "fulfilled" && outcome.value.h1, h1, String(index));
  }
  await assert.rejects(pool.zip(slow, AbortSignal.abort(reason)), reason);
});

test("HashPool takes as many jobs as may wait, and says OVERLOADED to the next", async () => {
  const { h1, ...slow } = await slowZip();
  await using pool = new HashPool({ threads: 1, maxWaiting: 2 });
  // Two are given to the thread, two wait.
  const jobs = Array.from({ length: 4 }, () => pool.zip(slow, never));
  await assert.rejects(pool.zip(slow, never), { code: "OVERLOADED", message: /2 zips and folders wait/ });
  for (const job of jobs) assert.equal((await job).h1, h1);
  assert.equal((await pool.zip(slow, never)).h1, h1);
});

test("HashPool rejects the job of a thread that dies, and gives the others to a new one", async () => {
  const { h1, ...slow } = await slowZip();
  const workers: Worker[] = [];
  const onWorker = (worker: Worker): void => void workers.push(worker);
  process.on("worker", onWorker);
  try {
    await using pool = new HashPool({ threads: 1, maxWaiting: 100 });
    const jobs = Promise.allSettled(Array.from({ length: 4 }, () => pool.zip(slow, never)));
    while (workers.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await workers[0]?.terminate();
    const [first, ...others] = await jobs;
    assert.match(first?.status === "rejected" ? String(first.reason) : "fulfilled", /hashing thread has died/);
    for (const other of others) assert.equal(other.status === "fulfilled" && other.value.h1, h1);
    assert.equal(workers.length, 2);
  } finally {
    process.off("worker", onWorker);
  }
});

test("HashPool says SHUTTING_DOWN to what is under way when it is disposed of, and to what comes later", async () => {
  const { h1: _, ...slow } = await slowZip();
  const pool = new HashPool({ threads: 1, maxWaiting: 100 });
  const jobs = Promise.allSettled(Array.from({ length: 4 }, () => pool.zip(slow, never)));
  await pool[Symbol.asyncDispose]();
  for (const outcome of await jobs) assert.equal(outcome.status === "rejected" && outcome.reason.code, "SHUTTING_DOWN");
  await assert.rejects(pool.zip(slow, never), { code: "SHUTTING_DOWN" });
});

test("HashPool costs the thread that asks next to nothing, whatever the size", async () => {
  const { h1, ...slow } = await slowZip();
  await using scratch = await tempDir("hash-pool");
  const content = join(scratch.path, "slow.zip");
  await writeFile(content, slow.content);
  await using pool = new HashPool({ threads: 2, maxWaiting: 100 });
  await pool.zip({ ...slow, content }, never);
  const before = process.threadCpuUsage();
  for (const found of await Promise.all(Array.from({ length: 10 }, () => pool.zip({ ...slow, content }, never)))) {
    assert.equal(found.h1, h1);
  }
  const { user, system } = process.threadCpuUsage(before);
  assert.ok(user + system < 100_000, `${user + system} µs of this thread for 400 MB of content`);
});

test("HashPool hashes a zip of the size of a toolchain in bounded memory", { skip: !isDeep }, async (t) => {
  await using scratch = await tempDir("hash-pool");
  const content = join(scratch.path, "large.zip");
  writeStoredZip(content, 200);
  await using pool = new HashPool({ threads: 1, maxWaiting: 1 });
  const before = process.memoryUsage.rss();
  let highest = 0;
  const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage.rss())), 5);
  const { bytes, files } = await pool.zip({ module: "example.com/a", version: "v1.0.0", content }, never);
  clearInterval(watch);
  const grown = Math.round((highest - before) / 1024 / 1024);
  t.diagnostic(`${grown} MiB more while hashing ${bytes} bytes in ${files} file`);
  assert.equal(bytes, 200 * 1024 * 1024);
  assert.ok(grown < 128, `${grown} MiB`);
});

/** One stored file of so many MiB, without a CRC, which Go does not ask for. */
function writeStoredZip(path: string, mebibytes: number): void {
  const name = Buffer.from("example.com/a@v1.0.0/large.bin");
  const size = mebibytes * 1024 * 1024;
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt32LE(size, 20);
  entry.writeUInt32LE(size, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + size, 16);
  const file = openSync(path, "w");
  writeSync(file, Buffer.concat([local, name]));
  const piece = Buffer.alloc(1024 * 1024, "modgate");
  for (let count = 0; count < mebibytes; count++) writeSync(file, piece);
  writeSync(file, Buffer.concat([entry, name, end]));
  closeSync(file);
}
