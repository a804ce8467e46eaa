import assert from "node:assert/strict";
import { test } from "node:test";
import { DirectorySyncs } from "./directory-syncs.ts";
import { nodeDisk } from "./node-disk.ts";

test("sync shares one later run among those who ask during a run, and never the run that had begun", async () => {
  const world = heldSyncs();
  const ended: string[] = [];
  const note = (name: string) => (): void => void ended.push(name);
  const first = world.syncs.sync("/d").then(note("first"));
  const second = world.syncs.sync("/d").then(note("second"));
  const third = world.syncs.sync("/d").then(note("third"));
  const other = world.syncs.sync("/other").then(note("other"));
  assert.deepEqual(world.started, ["/d", "/other"]);
  world.finish("/other");
  await other;
  world.finish("/d");
  await first;
  assert.deepEqual(ended, ["other", "first"]);
  await turn();
  assert.deepEqual(world.started, ["/d", "/other", "/d"]);
  world.finish("/d");
  await Promise.all([second, third]);
  await turn();
  assert.equal(world.started.length, 3);
});

test("sync fails for those of the failed run alone", async () => {
  const world = heldSyncs();
  const first = assert.rejects(world.syncs.sync("/d"), /EIO/);
  const second = world.syncs.sync("/d");
  world.finish("/d", new Error("EIO"));
  await first;
  await turn();
  world.finish("/d");
  await second;
});

interface HeldSyncs {
  readonly syncs: DirectorySyncs;
  readonly started: string[];
  /** Ends the run of a path that is under way. */
  finish(path: string, error?: Error): void;
}

function heldSyncs(): HeldSyncs {
  const started: string[] = [];
  const running = new Map<string, (error?: Error) => void>();
  const syncDirectory = (path: string): Promise<void> => {
    started.push(path);
    return new Promise((resolve, reject) => running.set(path, (error) => (error ? reject(error) : resolve())));
  };
  return {
    syncs: new DirectorySyncs({ ...nodeDisk, syncDirectory }),
    started,
    finish: (path, error) => {
      const end = running.get(path);
      running.delete(path);
      assert.ok(end, `${path} is being synced`);
      end(error);
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
