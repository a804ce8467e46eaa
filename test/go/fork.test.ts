import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { forkingSumdb } from "../testkit/forking-sumdb.ts";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { cli } from "../testkit/run-cli.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { testSumdb } from "../testkit/sumdb-server.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const filesBelow = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
};

test("a database that forks while modgate serves: nothing more is cached, go is told, and a reset settles it", async () => {
  const tree = await smallGraph();
  const forking = forkingSumdb(tree);
  await using upstream = await UpstreamServer.start({ tree });
  await using database = await UpstreamServer.start({ responders: [forking.responder] });
  const spec = `${forking.key} ${database.url}`;
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, sumdb: spec });
  await using go = await goCommand({ GOPROXY: modgate.url, GOSUMDB: forking.key });
  const get = (path: string) => httpGet(modgate.url, path);
  const before = await go.run(["mod", "download", "example.com/a@v1.0.0"]);
  assert.equal(before.exitCode, 0, before.stderr);
  const sumdbFolder = join(modgate.data, "cache/sumdb");
  const cached = await filesBelow(sumdbFolder);

  forking.shown = forking.other.atRoot;
  const forked = await go.run(["mod", "download", "example.com/b@v1.1.0"]);
  assert.notEqual(forked.exitCode, 0);
  assert.match(
    forked.stderr,
    /modgate: damaged: The checksum database \S+ has signed two histories, and nothing of it is believed any more/,
  );
  assert.match(forked.stderr, /help: .*modgate sumdb reset localhost\.localdev\/sumdb begins anew/);
  // What no client checks is refused as well, and the files of the other history stay out.
  for (const path of [
    "/example.com/b/@v/v1.0.0.zip",
    `/sumdb/${forking.name}/lookup/example.com/b@v1.0.0`,
    `/sumdb/${forking.name}/tile/8/0/001.p/200`,
    `/sumdb/${forking.name}/latest`,
  ]) {
    const { status, body } = await get(path);
    assert.equal(status, 502, path);
    assert.match(body.toString(), /\(SUMDB_FORK\)/, path);
  }
  assert.deepEqual(await filesBelow(sumdbFolder), cached);
  assert.deepEqual(
    (await filesBelow(join(modgate.data, "cache/example.com"))).filter((file) => /\/b\/@v\/.*(?:mod|zip)$/.test(file)),
    [],
  );
  // What was proved before the fork is served on.
  assert.equal((await get("/example.com/a/@v/v1.0.0.zip")).status, 200);

  const metrics = (await get("/metrics")).body.toString();
  assert.match(metrics, /^modgate_security_events_total\{kind="fork"\} 1$/m);
  const event = await modgate.logLine((line) => line["kind"] === "fork");
  assert.partialDeepStrictEqual(event, {
    level: "error",
    msg: "security: fork",
    code: "SUMDB_FORK",
    evidence: { database: forking.name, older: forking.one.head(), newer: forking.other.head() },
  });

  await using place = await cli();
  const sumdb = (...args: string[]) => place.run(["sumdb", ...args, "--data", modgate.data, "--sumdb", spec]);
  const status = await sumdb("status", "--json");
  assert.equal(status.exitCode, 4);
  assert.partialDeepStrictEqual(JSON.parse(status.stdout), {
    data: [{ fork: { fault: null, older: { size: forking.one.size }, newer: { size: forking.other.size } } }],
  });
  const reset = await sumdb("reset", forking.name, "--yes");
  assert.equal(reset.exitCode, 0, reset.stderr);
  // This go has seen the first history itself, and refuses the second by its own check.
  const distrusting = await go.run(["mod", "download", "example.com/b@v1.1.0"]);
  assert.notEqual(distrusting.exitCode, 0);
  assert.match(distrusting.stderr, /SECURITY ERROR/);
  await rm(join(go.modCache, "../sumdb", forking.name, "latest"));
  await rm(join(go.modCache, "cache/download/sumdb", forking.name), { recursive: true });
  const after = await go.run(["mod", "download", "example.com/a@v1.0.0", "example.com/b@v1.1.0"]);
  assert.equal(after.exitCode, 0, after.stderr);
  assert.equal((await sumdb("verify")).exitCode, 0);
  assert.equal((await sumdb("status")).exitCode, 0);
  // Forked anew, it is news again.
  forking.shown = forking.one.atRoot;
  assert.equal((await get("/example.com/a/@v/v1.3.0.mod")).status, 502);
  assert.match((await get("/metrics")).body.toString(), /^modgate_security_events_total\{kind="fork"\} 2$/m);
});

test("a fork holds over a restart, and for every process of a gateway", async () => {
  const tree = await smallGraph();
  const forking = forkingSumdb(tree);
  await using upstream = await UpstreamServer.start({ tree });
  await using database = await UpstreamServer.start({ responders: [forking.responder] });
  const options = { upstream: upstream.url, sumdb: `${forking.key} ${database.url}` };
  await using one = await ModgateProcess.start({ ...options, args: ["--processes", "2"] });
  assert.equal((await httpGet(one.url, "/example.com/a/@v/v1.0.0.mod")).status, 200);
  forking.shown = forking.other.atRoot;
  assert.equal((await httpGet(one.url, "/example.com/b/@v/v1.0.0.mod")).status, 502);
  forking.shown = forking.one.atRoot;
  for (let ask = 0; ask < 6; ask++) {
    const { status, body } = await httpGet(one.url, "/example.com/b/@v/v1.1.0.mod");
    assert.equal(status, 502);
    assert.match(body.toString(), /\(SUMDB_FORK\)/);
  }
  assert.equal(await one.stop(), 0);
  await using two = await ModgateProcess.start({ ...options, data: one.data });
  assert.match((await httpGet(two.url, "/example.com/b/@v/v1.1.0.mod")).body.toString(), /\(SUMDB_FORK\)/);
  assert.match((await httpGet(two.url, "/metrics")).body.toString(), /\{kind="fork"\} 1$/m);
});

test("a database that is rolled back is no fork, go works on, and the trusted head stays where it is", async () => {
  const tree = await smallGraph();
  const sumdb = testSumdb(tree, { padTo: 343 });
  const whole = sumdb.size;
  let isRolledBack = false;
  const back = sumdb.head(300);
  await using upstream = await UpstreamServer.start({ tree });
  await using database = await UpstreamServer.start({
    responders: [
      {
        answer(path) {
          const answer = sumdb.atRoot.answer(path);
          if (!isRolledBack || answer === null) return answer;
          if (path === "/latest") return { ...answer, body: Buffer.from(back) };
          // A lookup with the older head: its record is in the newer tree alone.
          const text = answer.body.toString().replace(sumdb.head(), back);
          return path.startsWith("/lookup/") ? { ...answer, body: Buffer.from(text) } : answer;
        },
      },
    ],
  });
  const spec = `${sumdb.key} ${database.url}`;
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, sumdb: spec });
  await using go = await goCommand({ GOPROXY: modgate.url, GOSUMDB: sumdb.key });
  assert.equal((await go.run(["mod", "download", "example.com/a@v1.0.0"])).exitCode, 0);
  isRolledBack = true;
  const result = await go.run(["mod", "download", "example.com/b@v1.1.0"]);
  assert.equal(result.exitCode, 0, result.stderr);
  const latest = await httpGet(modgate.url, `/sumdb/${sumdb.name}/latest`);
  assert.equal(latest.body.toString(), sumdb.head(), "the newest head that is known");
  await using place = await cli();
  const status = await place.run(["sumdb", "status", "--json", "--data", modgate.data, "--sumdb", spec]);
  assert.partialDeepStrictEqual(JSON.parse(status.stdout), {
    exitCode: 0,
    data: [{ head: { size: whole }, fork: null }],
  });
  assert.doesNotMatch((await httpGet(modgate.url, "/metrics")).body.toString(), /kind="fork"\} [1-9]/);
});
