import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile, mkdir, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { suite, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Problem } from "../kernel/problem.ts";
import { systemClock } from "../kernel/clock.ts";
import { seededRandom } from "../kernel/random.ts";
import type { Disk } from "../ports/disk.ts";
import type { Register } from "../ports/register.ts";
import { runsOf, testSeed } from "../../test/testkit/test-seed.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { dataFolder } from "./data-folder.ts";
import { DiskRegister } from "./disk-register.ts";
import { removeLeftovers } from "./leftovers.ts";
import { MemoryRegister } from "./memory-register.ts";
import { nodeDisk } from "./node-disk.ts";
import { thisProcess } from "./owner.ts";

const name = "sumdb/localhost.localdev/sumdb";
const text = (value: Buffer | null): string | null => value && value.toString();

let unique = 0;
function registerIn(data: string, disk: Disk = nodeDisk): DiskRegister {
  const uniqueName = (): string => `t-${++unique}`;
  return new DiskRegister({ disk, folder: dataFolder(data), owner: thisProcess(), uniqueName }, name);
}

/** Another process that counts up. */
function startCounter(data: string, times: number): ChildProcess {
  const script = join(import.meta.dirname, "../../test/testkit/swap-counter.ts");
  const args = ["--disable-warning=ExperimentalWarning", script, data, name, String(times)];
  return spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
}

interface Subject extends AsyncDisposable {
  /** The same register, as another process has it. */
  readonly two: readonly [Register, Register];
}

const makers: Record<string, () => Promise<Subject>> = {
  MemoryRegister: () => {
    const register = new MemoryRegister();
    return Promise.resolve({ two: [register, register], [Symbol.asyncDispose]: () => Promise.resolve() });
  },
  DiskRegister: async () => {
    const folder = await tempDir("register");
    const two = [registerIn(folder.path), registerIn(folder.path)] as const;
    return { two, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
  },
};

for (const [kind, make] of Object.entries(makers)) {
  void suite(kind, () => {
    test("load gives what was swapped in last, and null before the first", async () => {
      await using subject = await make();
      const [one, two] = subject.two;
      assert.equal(await one.load(), null);
      assert.equal(await one.swap(null, Buffer.from("a")), true);
      assert.equal(text(await two.load()), "a");
      assert.equal(await two.swap(Buffer.from("a"), Buffer.from("")), true);
      assert.equal(text(await one.load()), "");
      assert.equal(await one.swap(Buffer.from(""), Buffer.from("c")), true);
      assert.equal(text(await two.load()), "c");
    });

    test("swap changes nothing where the value is another", async () => {
      await using subject = await make();
      const [one, two] = subject.two;
      assert.equal(await one.swap(Buffer.from("a"), Buffer.from("b")), false);
      assert.equal(await one.load(), null);
      await one.swap(null, Buffer.from("a"));
      assert.equal(await two.swap(null, Buffer.from("b")), false);
      assert.equal(await two.swap(Buffer.from("b"), Buffer.from("c")), false);
      assert.equal(text(await one.load()), "a");
    });

    test("of many swaps at once from one value exactly one succeeds", async () => {
      await using subject = await make();
      for (let round = 0; round < 20; round++) {
        const from = await subject.two[0].load();
        const values = Array.from({ length: 8 }, (_, at) => `${round}.${at}`);
        const done = await Promise.all(
          values.map((to, at) => subject.two[at % 2 === 0 ? 0 : 1].swap(from, Buffer.from(to))),
        );
        const winners = values.filter((_, at) => done[at]);
        assert.deepEqual(winners, [text(await subject.two[1].load())]);
      }
    });
  });
}

test("processes that count up in one register lose no count", async () => {
  await using folder = await tempDir("register");
  const [processes, times] = [4, 30];
  const codes = await Promise.all(
    Array.from({ length: processes }, async () => {
      const [code]: unknown[] = await once(startCounter(folder.path, times), "exit");
      return code;
    }),
  );
  assert.deepEqual(codes, [0, 0, 0, 0]);
  assert.equal(text(await registerIn(folder.path).load()), String(processes * times));
  const kept = await readdir(join(folder.path, name));
  assert.ok(kept.length <= 4, `${kept.join(" ")} are kept`);
  assert.deepEqual(await readdir(join(folder.path, "tmp")), []);
});

test("a process killed at any moment leaves a whole value, and others go on from it", async (t) => {
  const seed = testSeed(t);
  const random = seededRandom(seed);
  await using folder = await tempDir("register");
  const register = registerIn(folder.path);
  let value = 0;
  for (let kill = 0; kill < runsOf({ usual: 6, deep: 60 }); kill++) {
    const child = startCounter(folder.path, 1_000_000);
    const started = value;
    while (Number(await register.load()) === started) await setTimeout(2);
    await setTimeout(random() * 20);
    child.kill("SIGKILL");
    await once(child, "exit");
    const left = text(await register.load()) ?? "";
    assert.match(left, /^[1-9][0-9]*$/);
    assert.ok(Number(left) > value, `${left} after ${value}`);
    assert.equal(await register.swap(Buffer.from(left), Buffer.from(String(Number(left) + 1))), true);
    value = Number(left) + 1;
  }
  t.diagnostic(`counted to ${value}`);
});

test("a process that slept while others passed it by has come too late", async () => {
  await using folder = await tempDir("register");
  const awake = registerIn(folder.path);
  await awake.swap(null, Buffer.from("0"));
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const sleepy = registerIn(folder.path, {
    ...nodeDisk,
    rename: async (from, to) => {
      reached.resolve();
      await gate.promise;
      return nodeDisk.rename(from, to);
    },
  });
  const late = sleepy.swap(Buffer.from("0"), Buffer.from("late"));
  await reached.promise;
  for (let value = 0; value < 12; value++) {
    assert.equal(await awake.swap(Buffer.from(String(value)), Buffer.from(String(value + 1))), true);
  }
  gate.resolve();
  assert.equal(await late, false);
  assert.equal(text(await awake.load()), "12");
  assert.equal(text(await sleepy.load()), "12");
  assert.equal(await awake.swap(Buffer.from("12"), Buffer.from("13")), true);
  assert.equal(text(await sleepy.load()), "13");
});

test("swap leaves the old value and no leftovers, whichever call to the disk fails", async () => {
  const calls = ["makeDirectory", "create", "rename", "syncDirectory"] as const;
  for (const call of calls) {
    await using folder = await tempDir("register");
    await registerIn(folder.path).swap(null, Buffer.from("a"));
    const fails = (): Promise<never> => Promise.reject(Object.assign(new Error("no space"), { code: "ENOSPC" }));
    const broken = registerIn(folder.path, { ...nodeDisk, [call]: fails });
    const error = await broken.swap(Buffer.from("a"), Buffer.from("b")).catch((reason: unknown) => reason);
    assert.ok(error instanceof Problem && error.code === "STORE_FAILED", call);
    assert.equal(text(await broken.load()), "a", call);
    assert.deepEqual(await readdir(join(folder.path, "tmp")), [], call);
    assert.equal(await registerIn(folder.path).swap(Buffer.from("a"), Buffer.from("c")), true, call);
  }
});

test("load says STORE_FAILED where the value is gone from its place, not that there never was one", async () => {
  await using folder = await tempDir("register");
  const register = registerIn(folder.path);
  await register.swap(null, Buffer.from("a"));
  await rm(join(folder.path, name, "@1", "value"));
  await assert.rejects(register.load(), { code: "STORE_FAILED" });
});

test("what a process that died has staged is removed with the other leftovers", async () => {
  await using folder = await tempDir("register");
  const { disk, owner } = { disk: nodeDisk, owner: thisProcess() };
  const staged = join(folder.path, "tmp", `${owner.host}-${owner.pid}-x-1.part`);
  await mkdir(staged, { recursive: true });
  await writeFile(join(staged, "value"), "half");
  const before = new Date(owner.startedAtMs - 60_000);
  await utimes(staged, before, before);
  const parts = { disk, clock: systemClock, owner, uniqueName: () => "x", folder: dataFolder(folder.path) };
  assert.equal(await removeLeftovers(parts), 1);
  assert.deepEqual(await readdir(join(folder.path, "tmp")), []);
});

test("DiskRegister refuses a name that leaves the folder, or is mistaken for a value", () => {
  for (const bad of ["", "..", "sumdb/../..", "/sumdb", "sumdb//x", "@1", "sumdb/@1"]) {
    const parts = { disk: nodeDisk, folder: dataFolder("/nowhere"), owner: thisProcess(), uniqueName: () => "x" };
    assert.throws(() => new DiskRegister(parts, bad), TypeError, bad);
  }
});
