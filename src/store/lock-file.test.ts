import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import type { Disk } from "../ports/disk.ts";
import { acquireLock, type LockParts } from "./lock-file.ts";
import { nodeDisk } from "./node-disk.ts";

test("acquireLock that finds a stale lock leaves alone what another took over just before it", async () => {
  await using folder = await tempDir("lock");
  const path = join(folder.path, "x.lock");
  const clock = new FakeClock(Date.now());
  const fast = partsOf(2, clock, nodeDisk);
  const slow = partsOf(3, clock, {
    ...nodeDisk,
    create: async (name) => {
      // Between the look at the stale lock and its removal the other one takes over.
      if (name.endsWith("-takeover")) assert.equal((await acquireLock(fast, path, 1_000)).kind, "held");
      return nodeDisk.create(name);
    },
  });
  await acquireLock(partsOf(1, clock, nodeDisk), path, 1_000);
  await clock.advance(1_001);
  assert.deepEqual(await acquireLock(slow, path, 1_000), { kind: "busy", heldBy: 2 });
  assert.match((await readFile(path)).toString(), /^2 /);
  assert.deepEqual(await readdir(folder.path), ["x.lock"]);
});

test("acquireLock goes on where one who took over died at it", async () => {
  await using folder = await tempDir("lock");
  const path = join(folder.path, "x.lock");
  const clock = new FakeClock(Date.now());
  const dying = partsOf(2, clock, {
    ...nodeDisk,
    remove: () => Promise.reject(new Error("killed")),
  });
  await acquireLock(partsOf(1, clock, nodeDisk), path, 1_000);
  await clock.advance(1_001);
  await assert.rejects(acquireLock(dying, path, 1_000), { code: "STORE_FAILED" });
  assert.equal((await acquireLock(partsOf(3, clock, nodeDisk), path, 1_000)).kind, "busy");
  await clock.advance(5_001);
  assert.equal((await acquireLock(partsOf(3, clock, nodeDisk), path, 1_000)).kind, "held");
  assert.deepEqual(await readdir(folder.path), ["x.lock"]);
});

test("renew starts the deadline anew, and says false once another has taken over", async () => {
  await using folder = await tempDir("lock");
  const path = join(folder.path, "x.lock");
  const clock = new FakeClock(Date.now());
  const lock = await acquireLock(partsOf(1, clock, nodeDisk), path, 1_000);
  assert.ok(lock.kind === "held");
  await clock.advance(900);
  assert.equal(await lock.renew(), true);
  await clock.advance(900);
  const other = partsOf(2, clock, nodeDisk);
  assert.equal((await acquireLock(other, path, 1_000)).kind, "busy");
  await clock.advance(101);
  assert.equal((await acquireLock(other, path, 1_000)).kind, "held");
  assert.equal(await lock.renew(), false);
  assert.deepEqual(await readdir(folder.path), ["x.lock"]);
});

test("acquireLock that cannot write its note leaves no lock behind", async () => {
  await using folder = await tempDir("lock");
  const path = join(folder.path, "x.lock");
  const clock = new FakeClock(Date.now());
  const full: Disk = {
    ...nodeDisk,
    create: async (name) => {
      const file = await nodeDisk.create(name);
      return { ...file, write: () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" })) };
    },
  };
  await assert.rejects(acquireLock(partsOf(1, clock, full), path, 1_000), { code: "STORE_FAILED" });
  assert.deepEqual(await readdir(folder.path), []);
});

function partsOf(pid: number, clock: FakeClock, disk: Disk): LockParts {
  let count = 0;
  return {
    disk,
    clock,
    owner: { pid, host: "host", startedAtMs: 0, isAlive: () => true },
    uniqueName: () => `${pid}-${++count}`,
  };
}
