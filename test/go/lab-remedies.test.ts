import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import type { Combination } from "../../src/lab/gosum-axes.ts";
import { outcomeOf } from "../../src/lab/gosum-outcomes.ts";
import { honestModule, layOutRow, linesAdded, subject } from "../../src/lab/gosum-scene.ts";
import { makeLabDatabase } from "../../src/lab/lab-database.ts";
import { answerModule, labModule } from "../../src/lab/lab-module.ts";
import { closedLoopback, openLoopback } from "../../src/lab/loopback-server.ts";
import { binFolder } from "../testkit/run-cli.ts";
import { tempDir } from "../testkit/temp-dir.ts";

const otherModule = labModule({
  path: subject.path,
  version: subject.version,
  files: { "hello.go": 'package hello\n\nconst Greeting = "other"\n' },
});

/** A row of the lab laid out, with a proxy that serves `served` and a database that knows the honest module. */
async function scene(combination: Combination, served = honestModule) {
  const folder = await tempDir("remedy");
  const proxy = await openLoopback((path) => answerModule(served, path));
  const database = makeLabDatabase("sum.lab.example");
  database.record(honestModule);
  const sumdb = await openLoopback((path) => database.answer(path));
  const environment = {
    PATH: `${binFolder}:${process.env["PATH"]}`,
    HOME: folder.path,
    TMPDIR: folder.path,
    GOPROXY: proxy.url,
    GOENV: "off",
    GOFLAGS: "-modcacherw",
    GOTOOLCHAIN: "local",
    GOSUMDB: combination.sumdb === "on" ? `${database.key} ${sumdb.url}` : "off",
  };
  const sh = async (command: string, cwd: string, more: Readonly<Record<string, string>> = {}) => {
    const env = { ...environment, GOPATH: goPath, ...more };
    const child = spawn("sh", ["-c", command], { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
    const exited = new Promise<number | null>((resolve) => void child.on("exit", resolve));
    const [exitCode, stdout, stderr] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
    return { exitCode, stdout, stderr };
  };
  const filledCache = join(folder.path, "filled");
  let goPath = filledCache;
  await mkdir(filledCache);
  await sh(`go mod download ${subject.name}`, folder.path, { GOSUMDB: "off" });
  const laidOut = await layOutRow(combination, { folder: folder.path, filledCache });
  goPath = laidOut.goPath;
  return {
    sh: (command: string) =>
      // The lab's module is in its own database alone.
      sh(command.replace("GOSUMDB=sum.golang.org", `GOSUMDB='${database.key} ${sumdb.url}'`), laidOut.project),
    project: laidOut.project,
    async [Symbol.asyncDispose]() {
      for (const one of [proxy, sumdb, folder]) await one[Symbol.asyncDispose]();
    },
  };
}

const row: Combination = { sum: "lacks", cache: "no", network: "up", sumdb: "on", mod: "readonly" };
const nothing = { exitCode: 1, stderr: "", askedProxy: [], askedDatabase: [], addedLines: [] };
const unreachable = 'x@v1: Get "http://127.0.0.1:1';

test("the command for a missing line, and for an unreachable database, lets the build go on", async () => {
  for (const stderr of ["missing go.sum entry", `${unreachable}/lookup/x@v1": refused`]) {
    for (const sumdb of ["on", "off"] as const) {
      await using place = await scene({ ...row, sumdb });
      assert.equal((await place.sh("go build ./...")).exitCode, 1);
      const { command } = outcomeOf({ ...nothing, stderr });
      assert.equal((await place.sh(command ?? "false")).exitCode, 0);
      assert.equal((await place.sh("go build ./...")).exitCode, 0);
      assert.equal((await linesAdded(row, place.project)).length, 2);
    }
  }
});

test("the command for a mismatch gives the right hash of go.sum where that was wrong", async () => {
  const { command } = outcomeOf({ ...nothing, stderr: "SECURITY ERROR" });
  for (const cache of ["yes", "no"] as const) {
    await using place = await scene({ ...row, sum: "wrong", cache, sumdb: "off" });
    assert.match((await place.sh("go build ./...")).stderr, /SECURITY ERROR/);
    const { exitCode, stdout } = await place.sh(command ?? "false");
    assert.equal(exitCode, 0);
    const { Sum: sum } = JSON.parse(stdout) as { Sum: string };
    assert.equal(sum, honestModule.zipHash);
    const wrong = /v1\.0\.0 (\S+)/.exec(await readFile(join(place.project, "go.sum"), "utf8"))?.[1] ?? "";
    await place.sh(`sed -i.old 's|${wrong}|${sum}|' go.sum`);
    assert.equal((await place.sh("go build ./...")).exitCode, 0);
  }
});

test("the command for a mismatch, and for lines that nobody has vouched for, fails where the bytes are wrong", async () => {
  const built = { ...nothing, exitCode: 0, addedLines: ["a line"] };
  const { command } = outcomeOf(built);
  assert.equal(command, outcomeOf({ ...nothing, stderr: "SECURITY ERROR" }).command);
  for (const cache of ["yes", "no"] as const) {
    await using place = await scene({ ...row, cache, sumdb: "off", mod: "mod" }, otherModule);
    assert.equal((await place.sh("go build -mod=mod ./...")).exitCode, 0, "believed without a database");
    const { exitCode, stderr } = await place.sh(command ?? "false");
    assert.equal(exitCode, 1);
    assert.match(stderr, /SECURITY ERROR/);
    assert.ok(stderr.includes(otherModule.zipHash) && stderr.includes(honestModule.zipHash), "both hashes");
  }
});

test("the command for an unreachable proxy says so, too", async () => {
  await using closed = await closedLoopback();
  await using place = await scene(row);
  const { command } = outcomeOf({ ...nothing, stderr: `${unreachable}/x/@v/v1.zip": refused` });
  const { exitCode, stderr, stdout } = await place.sh(`GOPROXY=${closed.url},direct; export GOPROXY; ${command}`);
  assert.equal(exitCode, 3, stdout + stderr);
});

test("outcomeOf says other for what it has no rule for", () => {
  assert.equal(outcomeOf({ ...nothing, stderr: "go: the disk is full" }).outcome, "other");
  assert.equal(
    outcomeOf({
      ...nothing,
      stderr: "SECURITY ERROR\nThis download does NOT match the one reported by the checksum server.",
    }).outcome,
    "database-mismatch",
  );
});
