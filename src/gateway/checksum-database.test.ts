import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../kernel/clock.ts";
import type { Problem } from "../kernel/problem.ts";
import type { Chain } from "../ports/upstream.ts";
import { dataFolder } from "../store/data-folder.ts";
import { DiskRegister } from "../store/disk-register.ts";
import { openFileStore } from "../store/file-store.ts";
import { nodeDisk } from "../store/node-disk.ts";
import { thisProcess } from "../store/owner.ts";
import { loadTrust } from "../sumdb/trust.ts";
import { deadPort } from "../../test/testkit/dead-port.ts";
import type { Fault } from "../../test/testkit/fault.ts";
import { goCommand } from "../../test/testkit/go-command.ts";
import { ModgateProcess } from "../../test/testkit/modgate-process.ts";
import { smallGraph } from "../../test/testkit/small-graph.ts";
import { forkedSumdb, fillerSumdb } from "../../test/testkit/sumdb-world.ts";
import { testSumdb, type TestSumdb } from "../../test/testkit/sumdb-server.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { problemOf, testChain, upstreamConfig } from "../../test/testkit/test-chain.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";
import { checksumDatabase } from "./checksum-database.ts";
import { sumdbChain } from "./sumdb-way.ts";

const { signal } = new AbortController();

/** The chain that a gateway with this proxy asks for the database: the proxy, then the database itself. */
function chainTo(database: TestSumdb, proxyUrl: string, url: string): Promise<Chain & AsyncDisposable> {
  const proxy = upstreamConfig(proxyUrl);
  const elements = sumdbChain(
    { name: database.name, key: database.key, url: null },
    [{ upstream: proxy, separator: "," }],
    proxy,
  );
  const upstreams = elements.map(({ upstream }) =>
    upstream.url.startsWith("https:") ? { ...upstream, url } : upstream,
  );
  return testChain(upstreams, { separators: elements.map(({ separator }) => separator), clock: systemClock });
}

/** As one process of a gateway has it. */
async function processOver(data: string, database: TestSumdb, chain: Chain | null) {
  const store = await openFileStore({
    data,
    disk: nodeDisk,
    clock: systemClock,
    memoryBytes: 1_000_000,
    maxBytes: null,
    upkeep: "none",
    onTrouble: (problem) => assert.fail(problem),
  });
  const trust = new DiskRegister(
    { disk: nodeDisk, folder: dataFolder(data), owner: thisProcess(), uniqueName: () => crypto.randomUUID() },
    `sumdb/${database.name}`,
  );
  const forks: Problem[] = [];
  const { name, key } = database;
  const client = checksumDatabase({
    sumdb: { name, key, url: null },
    store,
    chain,
    trust,
    clock: systemClock,
    onFork: (problem) => void forks.push(problem),
    onTrouble: (problem) => assert.fail(problem),
  });
  return { client, store, trust, forks, [Symbol.asyncDispose]: () => store.close() };
}

test("lookup proves a record over real sockets, keeps what it proved on the disk, and needs no network after that", async () => {
  await using folder = await tempDir("sumdb");
  const database = fillerSumdb(2000);
  await using proxy = await UpstreamServer.start({ responders: [database] });
  await using chain = await chainTo(database, proxy.url, `http://127.0.0.1:${await deadPort()}`);
  await using online = await processOver(folder.path, database, chain);
  const proved = await online.client.lookup("filler.example/m1234", "v1.0.0", signal);
  assert.equal(proved.record, 1234);
  assert.deepEqual(proxy.requests.map(({ path }) => path.replace(`/sumdb/${database.name}/`, "")).toSorted(), [
    "lookup/filler.example/m1234@v1.0.0",
    "tile/8/0/004",
    "tile/8/0/007.p/208",
    "tile/8/1/000.p/7",
  ]);
  const tile = await online.store.find(`sumdb/${database.name}/tile/8/0/004`);
  assert.equal(tile?.size, 8192);

  await using offline = await processOver(folder.path, database, null);
  assert.deepEqual(await offline.client.lookup("filler.example/m1234", "v1.0.0", signal), proved);
  const missing = await problemOf(offline.client.lookup("filler.example/m1", "v1.0.0", signal));
  assert.equal(missing.code, "UPSTREAM_UNREACHABLE");
  assert.match(missing.message, /lookup\/filler\.example\/m1@v1\.0\.0 .*not in the cache, and this gateway is offline/);
});

test("what clients made serve fetch proves a lookup here, from the same files", async () => {
  await using folder = await tempDir("sumdb");
  const tree = await smallGraph();
  const database = testSumdb(tree, { padTo: 343 });
  await using upstream = await UpstreamServer.start({ tree, responders: [database] });
  {
    await using modgate = await ModgateProcess.start({
      upstream: upstream.url,
      sumdb: database.key,
      data: folder.path,
    });
    await using go = await goCommand({ GOPROXY: modgate.url, GOSUMDB: database.key });
    const result = await go.run(["mod", "download", "example.com/a@v1.0.0", "example.com/Upper/CamelCase@v1.0.0"]);
    assert.equal(result.exitCode, 0, result.stderr);
    assert.equal(await modgate.stop(), 0);
  }
  await using offline = await processOver(folder.path, database, null);
  for (const [module, version] of [
    ["example.com/a", "v1.0.0"],
    ["example.com/Upper/CamelCase", "v1.0.0"],
  ] as const) {
    const { zip, mod } = await offline.client.lookup(module, version, signal);
    const { zipHash, modHash } = tree.get(module, version);
    assert.deepEqual([zip, mod], [zipHash, modHash], module);
  }
});

test("lookup goes past a proxy that gives something else, and asks the database itself", async () => {
  const database = fillerSumdb(2000);
  await using itself = await UpstreamServer.start({ responders: [database.atRoot] });
  const page = Buffer.from("<html>\n\n\u2014 log in");
  const rows: readonly [string, Fault][] = [
    ["*/lookup/*", { kind: "body", body: page }],
    ["*/lookup/*", { kind: "body", body: Buffer.from(fillerSumdb(2000, { name: database.name }).lookup(1234)) }],
    ["*/tile/*", { kind: "body", body: page }],
    ["*/tile/8/0/004", { kind: "body", body: Buffer.alloc(8192, 1) }],
    ["*", { kind: "status", status: 404 }],
    ["*", { kind: "status", status: 503 }],
  ];
  for (const [match, fault] of rows) {
    await using folder = await tempDir("sumdb");
    await using proxy = await UpstreamServer.start({ responders: [database] });
    proxy.fail({ match, fault: fault });
    await using chain = await chainTo(database, proxy.url, itself.url);
    await using subject = await processOver(folder.path, database, chain);
    const proved = await subject.client.lookup("filler.example/m1234", "v1.0.0", signal);
    assert.equal(proved.record, 1234, `${match} ${fault.kind}`);
    assert.ok(proxy.hits() > 0 && itself.hits() > 0);
    itself.reset();
  }
});

test("lookup says what it is when nobody has a right answer", async () => {
  const database = fillerSumdb(2000);
  const rows: readonly [Fault, Problem["code"]][] = [
    [{ kind: "status", status: 404 }, "SUMDB_UNKNOWN"],
    [{ kind: "status", status: 410 }, "SUMDB_UNKNOWN"],
    [{ kind: "status", status: 403 }, "UPSTREAM_DENIED"],
    [{ kind: "status", status: 500 }, "UPSTREAM_UNREACHABLE"],
    [{ kind: "body", body: Buffer.from("<html>\n\n\u2014 log in") }, "SUMDB_DAMAGED"],
    [{ kind: "body", body: Buffer.alloc(2_100_000, 65) }, "UPSTREAM_DAMAGED"],
  ];
  for (const [fault, code] of rows) {
    await using folder = await tempDir("sumdb");
    await using itself = await UpstreamServer.start({ responders: [database.atRoot] });
    itself.fail({ match: "/lookup/*", fault: fault });
    await using chain = await testChain([upstreamConfig(itself.url)], { clock: systemClock });
    await using subject = await processOver(folder.path, database, chain);
    const problem = await problemOf(subject.client.lookup("filler.example/m1234", "v1.0.0", signal));
    assert.equal(problem.code, code, JSON.stringify(fault).slice(0, 60));
    assert.ok(
      problem.tried.some((line) => line.startsWith("P1:")),
      problem.tried.join("\n"),
    );
    if (code === "SUMDB_DAMAGED") assert.ok(problem.evidence?.["got"], "it has what came");
    assert.equal(await subject.store.find(`sumdb/${database.name}/lookup/filler.example/m1234@v1.0.0`), null);
  }
});

test("a fork is found over real sockets, written to the disk, and holds for every process and the next start", async () => {
  await using folder = await tempDir("sumdb");
  const forked = forkedSumdb([400, 500], 399);
  await using server = await UpstreamServer.start({ responders: [forked.one.atRoot] });
  await using otherServer = await UpstreamServer.start({ responders: [forked.other.atRoot] });
  await using chain = await testChain([upstreamConfig(server.url)], { clock: systemClock });
  await using otherChain = await testChain([upstreamConfig(otherServer.url)], { clock: systemClock });
  await using one = await processOver(folder.path, forked.one, chain);
  await using two = await processOver(folder.path, forked.one, otherChain);
  await one.client.lookup("filler.example/m1", "v1.0.0", signal);
  const found = await problemOf(two.client.lookup("filler.example/m2", "v1.0.0", signal));
  assert.equal(found.code, "SUMDB_FORK");
  assert.deepEqual(two.forks, [found]);
  const asked = server.hits();
  assert.deepEqual(
    (await problemOf(one.client.lookup("filler.example/m1", "v1.0.0", signal))).evidence,
    found.evidence,
  );
  await using later = await processOver(folder.path, forked.one, chain);
  assert.deepEqual(
    (await problemOf(later.client.lookup("filler.example/m1", "v1.0.0", signal))).evidence,
    found.evidence,
  );
  assert.equal(server.hits(), asked);
  assert.deepEqual((await loadTrust(later.trust, "")).fork, found.evidence);
});

test("what cannot be kept is told and proved all the same", async () => {
  await using folder = await tempDir("sumdb");
  const database = fillerSumdb(300);
  await using server = await UpstreamServer.start({ responders: [database.atRoot] });
  await using chain = await testChain([upstreamConfig(server.url)], { clock: systemClock });
  await using subject = await processOver(folder.path, database, chain);
  const troubles: string[] = [];
  const { store, trust } = subject;
  const client = checksumDatabase({
    sumdb: { name: database.name, key: database.key, url: null },
    store: Object.assign(store, { stage: () => Promise.reject(new Error("disk full")) }),
    chain,
    trust,
    clock: systemClock,
    onFork: (problem) => assert.fail(problem),
    onTrouble: (_problem, key) => void troubles.push(key),
  });
  assert.equal((await client.lookup("filler.example/m5", "v1.0.0", signal)).record, 5);
  assert.equal(new Set(troubles).size, 4);
});
