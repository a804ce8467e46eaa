import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { flipBit } from "../testkit/flip-bit.ts";
import { forkingSumdb } from "../testkit/forking-sumdb.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { binFolder, cli } from "../testkit/run-cli.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { testSumdb } from "../testkit/sumdb-server.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const jsonOf = (stdout: string): unknown => JSON.parse(stdout);

test("modgate sumdb status, verify and reset, beside a gateway that serves", async () => {
  const tree = await smallGraph();
  const sumdb = testSumdb(tree, { padTo: 343 });
  await using upstream = await UpstreamServer.start({ tree });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  const spec = `${sumdb.key} ${database.url}`;
  await using modgate = await ModgateProcess.start({
    upstream: upstream.url,
    sumdb: spec,
    // It would look up again what was just taken out.
    args: ["--cache-verify-every", "never"],
  });
  await using place = await cli();
  const run = (...args: string[]) => place.run([...args, "--data", modgate.data, "--sumdb", spec]);

  const empty = await run("sumdb", "status");
  assert.equal(empty.exitCode, 0, empty.stderr);
  assert.match(empty.stdout, /trusted {2}no tree head yet\n {2}cached {3}0 lookups, 0 tiles\n {2}forked {3}no\n$/);

  assert.equal((await httpGet(modgate.url, "/example.com/a/@v/v1.2.0.zip")).status, 200);
  const asked = database.hits();
  const status = await run("sumdb", "status");
  const root = sumdb.head().split("\n")[2] ?? "";
  assert.ok(
    status.stdout.includes(`  key      ${sumdb.key}\n  trusted  ${sumdb.size} records, root ${root}\n`),
    status.stdout,
  );
  assert.match(status.stdout, /^ {2}moved {4}20\S+Z, .+ ago$/m);
  assert.match(status.stdout, /^ {2}cached {3}1 lookup, \d tiles$/m);
  assert.partialDeepStrictEqual(jsonOf((await run("sumdb", "status", "--json")).stdout), {
    data: [{ name: sumdb.name, head: { size: sumdb.size, root, note: sumdb.head() }, fork: null }],
  });

  const fine = await run("sumdb", "verify");
  assert.equal(fine.exitCode, 0, fine.stdout);
  assert.match(fine.stdout, /: 1 lookup and \d tiles looked at, 0 wrong, 0 unproved\n$/);
  const key = `sumdb/${sumdb.name}/lookup/example.com/a@v1.2.0`;
  const file = join(modgate.data, "cache", key);
  const right = await readFile(file);
  await writeFile(file, flipBit(right, 8 * 60));
  const wrong = await run("sumdb", "verify", sumdb.name);
  assert.equal(wrong.exitCode, 1);
  assert.ok(wrong.stdout.startsWith(`wrong ${key}: its record is not record `), wrong.stdout);
  assert.partialDeepStrictEqual(jsonOf((await run("sumdb", "verify", "--json")).stdout), {
    exitCode: 1,
    data: [{ findings: [{ key, kind: "wrong" }] }],
  });
  const removed = await run("sumdb", "verify", "--remove");
  assert.match(removed.stdout, /1 wrong, 1 taken out, 0 unproved\n$/);
  await assert.rejects(readFile(file));
  assert.equal((await run("sumdb", "verify")).exitCode, 0);
  assert.equal(database.hits(), asked, "nobody was asked");

  const unasked = await run("sumdb", "reset", sumdb.name);
  assert.equal(unasked.exitCode, 2);
  assert.match(unasked.stderr, /Nobody can be asked here .*\n {2}help: modgate sumdb reset \S+ --yes\n/);
  assert.equal((await run("sumdb", "reset", "other.example", "--yes")).exitCode, 2);
  assert.match((await run("sumdb", "reset", sumdb.name, "--yes", "--from", "older")).stderr, /has not forked/);
  assert.match((await run("sumdb", "reset", sumdb.name, "--yes", "--from", "x")).stderr, /want older or newer/);
  assert.equal((await run("sumdb", "verify")).exitCode, 0, "nothing has changed so far");
  const reset = await run("sumdb", "reset", sumdb.name, "--yes");
  assert.equal(reset.exitCode, 0, reset.stderr);
  assert.ok(reset.stdout.includes(`  trusted  ${sumdb.size} records, root ${root}\n`));
  assert.match(
    reset.stdout,
    /forgotten; \d cached answers taken out; trusted from here on: the first head that comes\n$/,
  );
  assert.match((await run("sumdb", "status")).stdout, /no tree head yet\n {2}cached {3}0 lookups, 0 tiles/);
  assert.equal((await httpGet(modgate.url, "/example.com/b/@v/v1.1.0.zip")).status, 200);
  assert.match((await run("sumdb", "status")).stdout, /^ {2}cached {3}1 lookup, \d tiles$/m);
  const off = await place.run(["sumdb", "status", "--data", modgate.data, "--sumdb", "off"]);
  assert.deepEqual([off.exitCode, /\(sumdb: off\)/.test(off.stderr)], [2, true]);
});

test("modgate sumdb reset asks at a terminal, and changes nothing on no", async (t) => {
  // BSD's script takes other arguments.
  if (!spawnSync("script", ["--version"]).stdout?.includes("util-linux")) return t.skip("there is no script command");
  const tree = await smallGraph();
  const forking = forkingSumdb(tree);
  await using upstream = await UpstreamServer.start({ tree });
  await using database = await UpstreamServer.start({ responders: [forking.responder] });
  const spec = `${forking.key} ${database.url}`;
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, sumdb: spec });
  assert.equal((await httpGet(modgate.url, "/example.com/a/@v/v1.2.0.mod")).status, 200);
  forking.shown = forking.other.atRoot;
  assert.equal((await httpGet(modgate.url, "/example.com/b/@v/v1.1.0.mod")).status, 502);
  await using place = await cli();
  const run = (...args: string[]) => place.run([...args, "--data", modgate.data, "--sumdb", spec]);
  const answer = async (typed: string): Promise<{ code: number; output: string }> => {
    const line = `exec ${binFolder}/modgate sumdb reset ${forking.name} --data ${modgate.data} --sumdb '${spec}'`;
    const child = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
      cwd: place.folder,
      env: { PATH: process.env["PATH"], HOME: place.folder, TERM: "xterm", NO_COLOR: "1" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += String(chunk);
      if (output.includes("[y/N] ") && typed !== "") child.stdin.write(typed);
      if (output.includes("[y/N] ")) typed = "";
    });
    const [code] = await exited;
    return { code: Number(code), output };
  };
  const no = await answer("\r");
  assert.equal(no.code, 1, no.output);
  for (const head of [forking.one.head(), forking.other.head()]) {
    for (const text of head.trimEnd().split("\n")) assert.ok(no.output.includes(`    | ${text}`.trimEnd()), text);
  }
  assert.match(no.output, /nothing was changed/);
  assert.equal((await run("sumdb", "status")).exitCode, 4);
  const yes = await answer("y\r");
  assert.equal(yes.code, 0, yes.output);
  assert.equal((await run("sumdb", "status")).exitCode, 0);
  assert.equal((await httpGet(modgate.url, "/example.com/b/@v/v1.1.0.mod")).status, 200);
});
