import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { StoreFlight } from "../ports/store.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { openFileStore, type FileStore } from "./file-store.ts";
import { nodeDisk } from "./node-disk.ts";
import type { Owner } from "./owner.ts";

const key = "example.com/a/@v/v1.0.0.zip";
const deadlineMs = 60_000;
const never = new AbortController().signal;

test("acquireFlight gives one process the flight, and the others its process id until release()", async () => {
  await using world = await twoProcesses();
  const { mine, theirs, clock } = world;
  const flight = held(await mine.acquireFlight(key));
  const other = busy(await theirs.acquireFlight(key));
  assert.equal(other.heldBy, 1001);
  held(await theirs.acquireFlight("example.com/b/@v/v1.0.0.zip"));
  const waited = other.wait(never);
  await flight.release();
  assert.equal(await settled(clock, waited), "freed");
  held(await theirs.acquireFlight(key));
});

test("wait() ends with visible as soon as the file is there, though the flight is not released", async () => {
  await using world = await twoProcesses();
  const { mine, theirs, clock } = world;
  await put(mine, "first");
  await clock.advance(5_000);
  held(await mine.acquireFlight(key));
  const waited = busy(await theirs.acquireFlight(key)).wait(never);
  let isDone = false;
  void waited.finally(() => (isDone = true));
  for (let round = 0; round < 50; round++) await clock.advance(50);
  assert.equal(isDone, false);
  await put(mine, "second");
  assert.equal(await settled(clock, waited), "visible");
});

test("wait() asks in steps of at most 50 ms and ends with its signal", async () => {
  await using world = await twoProcesses();
  const { mine, theirs, clock } = world;
  held(await mine.acquireFlight(key));
  const abort = new AbortController();
  const waited = busy(await theirs.acquireFlight(key)).wait(abort.signal);
  const steps = new Set<number>();
  for (let waits = 0; waits < 20; await nodeDisk.stat("/")) {
    const [delay] = clock.delays;
    if (delay === undefined) continue;
    steps.add(delay);
    waits++;
    await clock.advance(delay);
  }
  assert.deepEqual(
    [...steps].sort((a, b) => a - b),
    [5, 10, 20, 40, 50],
  );
  abort.abort(new Error("client gone"));
  await assert.rejects(waited, /client gone/);
});

test("a flight whose process died is taken over, by one who waits as by one who comes", async () => {
  await using world = await twoProcesses();
  const { mine, theirs, clock, alive } = world;
  held(await mine.acquireFlight(key));
  const waited = busy(await theirs.acquireFlight(key)).wait(never);
  alive.delete(1001);
  assert.equal(await settled(clock, waited), "freed");
  held(await theirs.acquireFlight(key));
});

test("a flight older than its deadline is taken over, and its late release() leaves the new one alone", async () => {
  await using world = await twoProcesses();
  const { mine, theirs, clock } = world;
  const late = held(await mine.acquireFlight(key));
  await clock.advance(deadlineMs);
  busy(await theirs.acquireFlight(key));
  await clock.advance(1);
  const taken = held(await theirs.acquireFlight(key));
  await late.release();
  assert.equal(busy(await mine.acquireFlight(key)).heldBy, 1002);
  await taken.release();
  assert.deepEqual(await readdir(join(world.path, "tmp")), []);
});

test("a lock file that is not written yet is held; one that never will be is taken over", async () => {
  await using world = await twoProcesses();
  const { mine, theirs, clock } = world;
  held(await mine.acquireFlight(key));
  const [name = ""] = await readdir(join(world.path, "tmp"));
  await writeFile(join(world.path, "tmp", name), "");
  assert.equal(busy(await theirs.acquireFlight(key)).heldBy, 0);
  await clock.advance(10_000);
  held(await theirs.acquireFlight(key));
});

test("of many that find the same dead flight one takes it over", async () => {
  await using world = await twoProcesses();
  const { mine, theirs, alive } = world;
  for (let round = 0; round < 20; round++) {
    const dead = `example.com/a/@v/v1.${round}.0.zip`;
    held(await mine.acquireFlight(dead));
    alive.delete(1001);
    const flights = await Promise.all(Array.from({ length: 4 }, () => theirs.acquireFlight(dead)));
    assert.equal(flights.filter(({ kind }) => kind === "held").length, 1);
    alive.add(1001);
  }
});

interface World extends AsyncDisposable {
  readonly mine: FileStore;
  readonly theirs: FileStore;
  readonly clock: FakeClock;
  readonly alive: Set<number>;
  readonly path: string;
}

/** Two stores over one folder that take each other for processes 1001 and 1002. */
async function twoProcesses(): Promise<World> {
  const folder = await tempDir("flight");
  const clock = new FakeClock(Date.now());
  const alive = new Set([1001, 1002]);
  const open = (pid: number): Promise<FileStore> => {
    const owner: Owner = { pid, host: "host", startedAtMs: 0, isAlive: (other) => alive.has(other) };
    return openFileStore({
      data: folder.path,
      disk: nodeDisk,
      clock,
      owner,
      memoryBytes: 1_000_000,
      maxBytes: null,
      upkeep: "none",
      flightDeadlineMs: deadlineMs,
      onTrouble: (problem) => assert.fail(problem),
    });
  };
  const [mine, theirs] = [await open(1001), await open(1002)];
  return {
    mine,
    theirs,
    clock,
    alive,
    path: folder.path,
    [Symbol.asyncDispose]: async () => {
      await mine.close();
      await theirs.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function held(flight: StoreFlight): StoreFlight & { kind: "held" } {
  assert.ok(flight.kind === "held");
  return flight;
}

function busy(flight: StoreFlight): StoreFlight & { kind: "busy" } {
  assert.ok(flight.kind === "busy");
  return flight;
}

async function settled<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const done = promise.finally(() => (state.isDone = true));
  for (const deadline = Date.now() + 30_000; Date.now() < deadline && !state.isDone;) {
    await clock.advance(50);
    await nodeDisk.stat("/");
  }
  assert.ok(state.isDone, "it never ended");
  return await done;
}

async function put(store: FileStore, content: string): Promise<void> {
  await using staged = await store.stage(key);
  await staged.write(Buffer.from(content));
  await staged.commit();
}
