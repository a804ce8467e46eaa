import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { goCommand as testGo } from "../../test/testkit/go-command.ts";
import { smallGraph } from "../../test/testkit/small-graph.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";
import { systemClock } from "../kernel/clock.ts";
import { processGroups } from "../upstream/process-group.ts";
import { CacheLocks } from "./cache-locks.ts";
import type { GoCommand } from "../upstream/run-go.ts";

const never = new AbortController().signal;

test("CacheLocks holds a lock that go waits for, until it lets go", async (t) => {
  if (process.platform !== "linux") return t.skip("who waits for a lock is read from /proc/locks");
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  await using go = await testGo({ GOPROXY: upstream.url });
  await using locks = await CacheLocks.start(await lockingGo(go), never);
  const version = join(go.modCache, "cache/download/example.com/b/@v/v1.0.0");
  const held = await locks.lock(`${version}.lock`, never);
  const downloading = go.run(["mod", "download", "example.com/b@v1.0.0"]);
  await waiterFor(t, `${version}.lock`);
  await assert.rejects(stat(`${version}.zip`), { code: "ENOENT" });
  await held[Symbol.asyncDispose]();
  const { exitCode, stderr } = await downloading;
  assert.equal(exitCode, 0, stderr);
  assert.ok((await stat(`${version}.zip`)).size > 0);
});

test("CacheLocks waits for whoever holds a lock, and gives up when it is told to", async (t) => {
  if (process.platform !== "linux") return t.skip("who waits for a lock is read from /proc/locks");
  await using go = await testGo();
  await using folder = await tempDir("locks");
  const path = join(folder.path, "deep/er/v1.0.0.lock");
  const command = await lockingGo(go);
  await using one = await CacheLocks.start(command, never);
  await using other = await CacheLocks.start(command, never);
  const held = await one.lock(path, never);
  const stop = new AbortController();
  const waiting = other.lock(path, stop.signal);
  await waiterFor(t, path);
  stop.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(other.lock(path, never), { code: "GO_FAILED" }, "it has ended");
  await held[Symbol.asyncDispose]();
  await using _again = await one.lock(path, never);
});

test("CacheLocks.start says GO_FAILED where there is no go", async () => {
  await using go = await testGo();
  await assert.rejects(CacheLocks.start({ ...(await lockingGo(go)), binary: "no-such-go" }, never), {
    code: "GO_FAILED",
  });
});

/** The go command of the kit, as the commands of modgate run one. */
async function lockingGo(go: Awaited<ReturnType<typeof testGo>>): Promise<GoCommand> {
  const { stdout } = await go.exec("env", []);
  const environment = Object.fromEntries(
    stdout.split("\n").flatMap((line) => {
      const at = line.indexOf("=");
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
  return { binary: "go", run: processGroups(systemClock), environment, cwd: "/" };
}

/** Resolves when somebody waits for the lock of a file; gives up after half a minute. */
async function waiterFor(t: TestContext, path: string): Promise<void> {
  const { ino } = await stat(path);
  const until = performance.now() + 30_000;
  for (let looks = 1; performance.now() < until; looks++) {
    const lines = (await readFile("/proc/locks", "utf8")).split("\n");
    if (lines.some((line) => line.includes("->") && line.includes(`:${ino} `))) return t.diagnostic(`${looks} looks`);
  }
  assert.fail(`nobody waits for ${path}`);
}
