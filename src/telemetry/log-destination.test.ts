import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { systemClock } from "../kernel/clock.ts";
import { LogDestination } from "./log-destination.ts";
import { processLog } from "./process-log.ts";

const noTrouble = (error: Error): void => assert.fail(error);

test("LogDestination.write reaches the file in order, after 100 ms at the latest", async () => {
  await using folder = await tempDir("log");
  const file = join(folder.path, "deep/er/access.log");
  const clock = new FakeClock();
  await using log = await LogDestination.open({ file, clock, onTrouble: noTrouble });
  log.write("one\n");
  log.write("two\n");
  assert.equal(await readFile(file, "utf8"), "", "nothing is written for each line");
  assert.deepEqual(clock.delays, [100]);
  await clock.advance(100);
  await log.flush();
  assert.equal(await readFile(file, "utf8"), "one\ntwo\n");
});

test("LogDestination.write loses no line however fast they come", async () => {
  await using folder = await tempDir("log");
  const file = join(folder.path, "access.log");
  await using log = await LogDestination.open({ file, clock: new FakeClock(), onTrouble: noTrouble });
  let want = "";
  for (let index = 0; index < 30_000; index++) {
    const line = `${index} ${"é".repeat(index % 90)}\n`;
    want += line;
    log.write(line);
  }
  await log.flush();
  assert.ok((await readFile(file, "utf8")) === want);
  assert.equal(log.droppedLines, 0);
});

test("LogDestination.reopen goes on in a new file after a rename", async () => {
  await using folder = await tempDir("log");
  const file = join(folder.path, "access.log");
  await using log = await LogDestination.open({ file, clock: new FakeClock(), onTrouble: noTrouble });
  log.write("before\n");
  await log.flush();
  await rename(file, `${file}.1`);
  log.write("still before\n");
  await log.reopen();
  log.write("after\n");
  await log.flush();
  assert.equal(await readFile(`${file}.1`, "utf8"), "before\nstill before\n");
  assert.equal(await readFile(file, "utf8"), "after\n");
});

test("LogDestination.open refuses a file it can't open, with CONFIG_INVALID", async () => {
  await using folder = await tempDir("log");
  const opened = LogDestination.open({ file: folder.path, clock: new FakeClock(), onTrouble: noTrouble });
  await assert.rejects(opened, { code: "CONFIG_INVALID" });
});

test("LogDestination keeps the process alive on a full disk, keeps 16 MiB and counts what it drops", async (t) => {
  if (!existsSync("/dev/full")) return t.skip("no /dev/full here");
  const troubles: Error[] = [];
  const clock = new FakeClock();
  const onTrouble = (error: Error): void => void troubles.push(error);
  await using log = await LogDestination.open({ file: "/dev/full", clock, onTrouble });
  const line = `${"x".repeat(1023)}\n`;
  for (let index = 0; index < 20 * 1024; index++) {
    log.write(line);
    if (index % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await log.flush();
  assert.equal(troubles.length, 1, "told once a minute");
  assert.match(troubles[0]?.message ?? "", /ENOSPC/);
  assert.ok(log.droppedLines > 3000 && log.droppedLines < 5000, `${log.droppedLines} of 20480 lines dropped`);
});

test("LogDestination writes what is left to standard error when the process exits", async () => {
  const script = (ending: string): string => `
    import { LogDestination } from ${JSON.stringify(new URL("log-destination.ts", import.meta.url).href)};
    import { systemClock } from ${JSON.stringify(new URL("../kernel/clock.ts", import.meta.url).href)};
    const log = await LogDestination.open({ file: null, clock: systemClock, onTrouble: console.error });
    for (let index = 0; index < 3000; index++) log.write("line " + index + "\\n");
    ${ending}`;
  const want = Array.from({ length: 3000 }, (_, index) => `line ${index}\n`).sort();
  for (const ending of ["process.exit(0);", "", "throw new Error('crash');"]) {
    const args = ["--disable-warning=ExperimentalWarning", "--input-type=module-typescript", "-e", script(ending)];
    const ran = promisify(execFile)(process.execPath, args).catch((error: { stderr: string }) => error);
    const lines = (await ran).stderr.match(/^line .*\n/gm) ?? [];
    assert.deepEqual(lines.sort(), want, ending);
  }
});

test("processLog writes lines of the access log's shape and masks credentials of URLs", async () => {
  await using folder = await tempDir("log");
  const file = join(folder.path, "process.log");
  await using log = await LogDestination.open({ file, clock: systemClock, onTrouble: noTrouble });
  const logger = processLog(log, "info");
  logger.debug("not this");
  logger.info({ upstream: "https://me:pw@proxy.test/x?key=k" }, "chain loaded");
  logger.error({ error: new Error("cannot dial https://me:pw@proxy.test") }, "failed");
  await log.flush();
  const text = await readFile(file, "utf8");
  assert.doesNotMatch(text, /not this|pw|=k/);
  const [first, second] = text
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  assert.partialDeepStrictEqual(first, {
    level: "info",
    upstream: "https://***@proxy.test/x?key=***",
    msg: "chain loaded",
  });
  assert.match(Object(first).time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.equal(Object(second).error.message, "cannot dial https://***@proxy.test");
});
