import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { test } from "node:test";
import { systemClock } from "../kernel/clock.ts";
import { seededRandom } from "../kernel/random.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { placeOf } from "./cache-layout.ts";
import { openFileStore, type FileStore } from "./file-store.ts";
import { nodeDisk } from "./node-disk.ts";

const headerBytes = 80;

// This file run with `writer` is the process that is killed: it stores files until then.
if (process.argv[2] === "writer") await write(process.argv[3] ?? "", Number(process.argv[4]));
else {
  const kills = process.env["MODGATE_DEEP"] ? 200 : 8;

  test(`commit() leaves whole files alone visible over ${kills} kills of its process`, async (t) => {
    const seed = Date.now() % 2 ** 31;
    t.diagnostic(`seed ${seed}`);
    const random = seededRandom(seed);
    await using folder = await tempDir("crash");
    let visible = 0;
    for (let round = 0; round < kills; round++) {
      // Every other time two processes store the same keys, and are killed each at its own moment.
      const writers = Array.from({ length: 1 + (round % 2) }, () => [random() * 2 ** 31, random() * 60]);
      await Promise.all(writers.map(([seed = 0, after = 0]) => killDuringWrites(folder.path, Math.floor(seed), after)));
      visible = await checkEachFile(folder.path);
      if (round % 4 === 3) await checkRestart(folder.path, visible);
    }
    assert.ok(visible >= kills, `${visible} files became visible`);
    await checkRestart(folder.path, visible);
  });
}

/** Kills the writer `afterCommits` commits after its start, wherever it is by then. */
async function killDuringWrites(data: string, seed: number, afterCommits: number): Promise<void> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", import.meta.filename, "writer", data, String(seed)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise<string | null>((resolve) => child.on("exit", (_code, signal) => resolve(signal)));
  let commits = 0;
  for await (const chunk of child.stdout) {
    commits += String(chunk).length;
    if (commits > afterCommits) child.kill("SIGKILL");
  }
  assert.equal(await ended, "SIGKILL");
}

async function checkEachFile(data: string): Promise<number> {
  const cache = join(data, "cache");
  const entries = await readdir(cache, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name);
    assert.ok(placeOf(relative(cache, path)), `${path} is a place of the layout`);
    const bytes = await readFile(path);
    const { hash, size } = headerOf(bytes);
    assert.equal(bytes.length, size, path);
    assert.equal(createHash("sha256").update(bytes.subarray(headerBytes)).digest("hex"), hash, path);
  }
  return files.length;
}

/** A new process finds each file, knows of it in its index, and has removed what the dead one left. */
async function checkRestart(data: string, visible: number): Promise<void> {
  const store = await open(data, "background");
  try {
    const deadline = Date.now() + 30_000;
    while (store.stats().files !== visible && Date.now() < deadline) await new Promise(setImmediate);
    assert.equal(store.stats().files, visible);
    const left = (await readdir(join(data, "tmp"))).filter((name) => name.endsWith(".part"));
    assert.deepEqual(left, []);
  } finally {
    await store.close();
  }
}

async function write(data: string, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const store = await open(data, "background");
  const one = async (): Promise<void> => {
    const version = `v1.${Math.floor(random() * 40)}.0`;
    const module = `example.com/m${Math.floor(random() * 5)}`;
    const extension = ["info", "mod", "zip"][Math.floor(random() * 3)] ?? "zip";
    const key = random() < 0.2 ? `${module}/@v/list` : `${module}/@v/${version}.${extension}`;
    const size = Math.floor(random() * (extension === "zip" ? 400_000 : 3_000));
    const content = Buffer.alloc(size, Math.floor(random() * 256));
    await using staged = await store.stage(key);
    await staged.write(headerFor(content));
    for (let at = 0; at < size; at += 20_000) await staged.write(content.subarray(at, at + 20_000));
    await staged.commit();
    process.stdout.write(".");
  };
  for (;;) await Promise.all([one(), one(), one()]);
}

function headerFor(content: Buffer): Buffer {
  const hash = createHash("sha256").update(content).digest("hex");
  return Buffer.from(`${hash} ${content.length + headerBytes}`.padEnd(headerBytes));
}

function headerOf(bytes: Buffer): { hash: string; size: number } {
  const [hash = "", size = ""] = bytes.toString("latin1", 0, headerBytes).trim().split(" ");
  return { hash, size: Number(size) };
}

function open(data: string, upkeep: "background" | "none"): Promise<FileStore> {
  return openFileStore({
    data,
    disk: nodeDisk,
    clock: systemClock,
    memoryBytes: 1_000_000,
    maxBytes: null,
    upkeep,
    onTrouble: (problem) => assert.fail(problem),
  });
}
