import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { until } from "../../test/testkit/test-chain.ts";
import { processGroups } from "./process-group.ts";

const never = new AbortController().signal;
const environment = { PATH: process.env["PATH"] ?? "" };

/** A shell script in a folder of its own; `$DIR` is that folder. */
async function script(text: string) {
  const folder = await tempDir("process");
  const command = join(folder.path, "go");
  await writeFile(command, `#!/bin/sh\nDIR='${folder.path}'\n${text}`);
  await chmod(command, 0o755);
  return {
    request: { command, args: ["one", "two"], cwd: folder.path, environment },
    file: (name: string) => join(folder.path, name),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** True while the process runs; one that has ended and was not yet collected by its parent does not. */
function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return process.platform !== "linux" && canSignal(pid);
  return !/^State:\s+[ZX]/m.test(safeStatus(pid));
}

function safeStatus(pid: number): string {
  try {
    return process.getBuiltinModule("node:fs").readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "State: X";
  }
}

function canSignal(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function pidIn(path: string): Promise<number> {
  await until(() => existsSync(path));
  return Number((await readFile(path, "utf8")).trim());
}

const withChild = "sleep 1000 &\necho $! > $DIR/child.tmp\nmv $DIR/child.tmp $DIR/child\n";

test("a run gives exit code and both outputs, with the environment it was given alone", async () => {
  await using go = await script('echo "$@ $(pwd) $EXTRA$HOME"\necho oops >&2\nexit 3\n');
  const end = await processGroups(new FakeClock())(
    { ...go.request, environment: { ...environment, EXTRA: "e" } },
    never,
  );
  assert.deepEqual(end, { exitCode: 3, stdout: `one two ${go.request.cwd} e\n`, stderr: "oops\n" });
});

test("a run that cannot be started rejects with node's error", async () => {
  await using go = await script("");
  await assert.rejects(processGroups(new FakeClock())({ ...go.request, command: go.file("nothing") }, never), {
    code: "ENOENT",
  });
});

test("a run whose signal is aborted ends with all its children, and rejects with the reason", async () => {
  await using go = await script(`${withChild}wait\n`);
  const deadline = new AbortController();
  const running = processGroups(new FakeClock())(go.request, deadline.signal);
  const child = await pidIn(go.file("child"));
  assert.equal(isAlive(child), true);
  const reason = new Error("deadline");
  deadline.abort(reason);
  await assert.rejects(running, reason);
  await until(() => !isAlive(child));
});

test("a child that ignores SIGTERM is killed after the grace", async () => {
  await using go = await script(
    `sh -c 'trap "" TERM; echo $$ > '$DIR'/child.tmp; mv '$DIR'/child.tmp '$DIR'/child; while :; do sleep 1000; done' &\nwait\n`,
  );
  const deadline = new AbortController();
  const clock = new FakeClock();
  const running = processGroups(clock)(go.request, deadline.signal);
  const rejected = assert.rejects(running, /deadline/);
  const child = await pidIn(go.file("child"));
  deadline.abort(new Error("deadline"));
  await clock.advance(1999);
  assert.equal(isAlive(child), true);
  await clock.advance(1);
  await until(() => clock.pending === 0 || clock.delays.length > 0);
  await clock.advance(2000);
  await rejected;
  await until(() => !isAlive(child));
});

test("a child that outlives the program, and holds its output open, is killed after the grace", async () => {
  await using go = await script(`${withChild}echo done\nexit 0\n`);
  const clock = new FakeClock();
  const running = processGroups(clock)(go.request, never);
  const child = await pidIn(go.file("child"));
  await until(() => clock.pending > 0);
  assert.equal(isAlive(child), true);
  await clock.advance(2000);
  assert.deepEqual(await running, { exitCode: 0, stdout: "done\n", stderr: "" });
  await until(() => !isAlive(child));
});

test("a signal that is aborted already starts nothing", async () => {
  await using go = await script("touch $DIR/started\n");
  await assert.rejects(processGroups(new FakeClock())(go.request, AbortSignal.abort(new Error("before"))), /before/);
  assert.equal(existsSync(go.file("started")), false);
});
