import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { deadPort } from "../testkit/dead-port.ts";
import { flipBit } from "../testkit/flip-bit.ts";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree } from "../testkit/module-tree.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { testSumdb, type TestSumdb } from "../testkit/sumdb-server.ts";
import { type Responder, UpstreamServer } from "../testkit/upstream-server.ts";

/** The same answers, but for one bit of every tile while `isFlipping` says so. */
function flippingTiles(right: Responder, isFlipping: () => boolean): Responder {
  return {
    answer(path) {
      const answer = right.answer(path);
      if (answer === null || !path.includes("/tile/8/") || !isFlipping()) return answer;
      return { ...answer, body: flipBit(answer.body, 8 * (answer.body.length - 20)) };
    },
  };
}

/** Every tile that the cache has is the database's, byte for byte; gives the names of all that it has of the database. */
async function assertTilesAreRight(data: string, sumdb: TestSumdb): Promise<string[]> {
  const folder = join(data, "cache/sumdb", sumdb.name);
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const seen: string[] = [];
  for (const entry of names.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(folder.length);
    seen.push(path);
    if (path.startsWith("/tile/")) assert.deepEqual(await readFile(file), sumdb.atRoot.answer(path)?.body, path);
  }
  return seen;
}

test("serve lets no tile with one wrong bit into the cache: go is told why, and works once the tiles are right", async () => {
  const tree = await smallGraph();
  const sumdb = testSumdb(tree, { padTo: 343 });
  let isFlipping = true;
  await using upstream = await UpstreamServer.start({ tree });
  await using database = await UpstreamServer.start({ responders: [flippingTiles(sumdb.atRoot, () => isFlipping)] });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, sumdb: `${sumdb.key} ${database.url}` });
  await using go = await goCommand({ GOPROXY: modgate.url, GOSUMDB: sumdb.key });
  const failed = await go.run(["mod", "download", "example.com/a@v1.2.0"]);
  assert.notEqual(failed.exitCode, 0);
  assert.match(
    failed.stderr,
    /modgate: damaged: The tiles of the checksum database \S+ do not add up to its signed tree/,
  );
  for (const path of ["tile/8/0/000", "tile/8/0/001.p/87", "tile/8/1/000.p/1", "tile/8/data/000"]) {
    const { status, body } = await httpGet(modgate.url, `/sumdb/${sumdb.name}/${path}`);
    assert.equal(status, 502, path);
    assert.match(body.toString(), /\(SUMDB_DAMAGED\)/);
  }
  assert.deepEqual(
    (await assertTilesAreRight(modgate.data, sumdb)).filter((path) => path.includes("tile")),
    [],
  );
  isFlipping = false;
  const passed = await go.run(["mod", "download", "example.com/a@v1.2.0", "example.com/b@v1.1.0"]);
  assert.equal(passed.exitCode, 0, passed.stderr);
  for (const path of ["tile/8/0/000", "tile/8/0/001.p/80", "tile/8/1/000.p/1", "tile/8/data/000", "latest"]) {
    const { status, body } = await httpGet(modgate.url, `/sumdb/${sumdb.name}/${path}`);
    assert.equal(status, 200, path);
    assert.deepEqual(body, sumdb.atRoot.answer(`/${path}`)?.body, path);
  }
  assert.ok((await assertTilesAreRight(modgate.data, sumdb)).length >= 7);
});

test("go works from proved tiles without the database, and is told that nobody can be asked for others", async () => {
  const tree = await smallGraph();
  const sumdb = testSumdb(tree, { padTo: 343 });
  await using upstream = await UpstreamServer.start({ tree });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, sumdb: `${sumdb.key} ${database.url}` });
  await using go = await goCommand({ GOPROXY: modgate.url, GOSUMDB: sumdb.key });
  assert.equal((await go.run(["mod", "download", "example.com/a@v1.2.0"])).exitCode, 0);
  assert.equal(await modgate.stop(), 0);

  const dead = `http://127.0.0.1:${await deadPort()}`;
  await using alone = await ModgateProcess.start({
    upstream: upstream.url,
    sumdb: `${sumdb.key} ${dead}`,
    data: modgate.data,
  });
  await go.coldCache();
  const env = { GOPROXY: alone.url };
  const again = await go.run(["mod", "download", "example.com/a@v1.2.0"], { env });
  assert.equal(again.exitCode, 0, again.stderr);
  // This go has seen a later tree than the gateway, and of that only what a record at its end takes.
  await go.coldCache();
  const far = await moduleTree([{ path: "far.example/f", version: "v1.0.0", files: { "f.go": "package f\n" } }]);
  sumdb.growTo(700);
  sumdb.add(far);
  await using elsewhere = await UpstreamServer.start({ tree: far });
  const ahead = await go.run(["mod", "download", "far.example/f@v1.0.0"], {
    env: { GOPROXY: elsewhere.url, GOSUMDB: `${sumdb.key} ${database.url}` },
  });
  assert.equal(ahead.exitCode, 0, ahead.stderr);
  const asked = await go.run(["mod", "download", "example.com/a@v1.2.0"], { env });
  assert.notEqual(asked.exitCode, 0);
  assert.match(
    asked.stderr,
    /tile\/8\/0\/\S+: 502 .*\n\s*server response:\s+modgate: unreachable: Cannot fetch latest /,
  );
  assert.equal(await alone.stop(), 0);
  await using online = await ModgateProcess.start({
    upstream: upstream.url,
    sumdb: `${sumdb.key} ${database.url}`,
    data: modgate.data,
  });
  const atLast = await go.run(["mod", "download", "example.com/a@v1.2.0"], { env: { GOPROXY: online.url } });
  assert.equal(atLast.exitCode, 0, atLast.stderr);
  await assertTilesAreRight(alone.data, sumdb);
});
