import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Problem } from "../kernel/problem.ts";
import { problemOf, until } from "../../test/testkit/test-chain.ts";
import { fillerSumdb, testClient } from "../../test/testkit/sumdb-world.ts";
import { runsOf, testSeed } from "../../test/testkit/test-seed.ts";
import { goVectors } from "../../test/testkit/vectors.ts";
import { rootByRecordProof } from "./tree-proofs.ts";
import { recordHash } from "./merkle.ts";
import { noteVerifier } from "./signed-note.ts";
import { openTreeHead } from "./tree-head.ts";
import { SumdbClient } from "./sumdb-client.ts";

type Step = readonly [size: number, record: number, lines: readonly string[], asked: readonly string[]];

test("SumdbClient asks what Go's own client asks, and finds the same lines, while the database grows", async () => {
  const sessions: readonly (readonly Step[])[] = goVectors("sumdb-session");
  for (const session of sessions) {
    const database = fillerSumdb(0);
    const shared = testClient(database).operations;
    for (const [size, record, lines, asked] of session) {
      database.growTo(size);
      const { operations, filler } = testClient(database, shared);
      const { module, version, zip, mod } = await filler(record);
      assert.deepEqual([`${module} ${version} ${zip}`, `${module} ${version}/go.mod ${mod}`], lines);
      assert.deepEqual(operations.asked.toSorted(), asked, `record ${record} of ${size}`);
    }
  }
});

test("lookup gives what proves its hashes again without a network", async () => {
  const database = fillerSumdb(3000);
  const { filler } = testClient(database);
  const proved = await filler(1234);
  assert.equal(proved.database, "localhost.localdev/sumdb");
  assert.equal(proved.record, 1234);
  const head = openTreeHead(proved.head, noteVerifier(database.key));
  assert.ok(head.kind === "head");
  const proof = proved.proof.map((hash) => Buffer.from(hash, "base64"));
  assert.deepEqual(rootByRecordProof(proof, head.head.size, 1234, recordHash(proved.text)), head.head.root);
  assert.ok(proved.text.includes(proved.zip) && proved.text.includes(proved.mod));
});

test("lookup proves without a network what it proved before, by another process too", async () => {
  const database = fillerSumdb(1500);
  const first = testClient(database);
  const online = await first.filler(700);
  const second = testClient(database, first.operations);
  second.operations.database = null;
  assert.deepEqual(await second.filler(700), online);
  assert.deepEqual(second.operations.asked, []);
  const other = await problemOf(second.filler(701));
  assert.equal(other.code, "UPSTREAM_UNREACHABLE");
});

test("every lookup that was ever proved is proved without a network, however the tree has grown since", async (t) => {
  const step = fc.record({
    growth: fc.oneof(fc.nat(3), fc.nat(300), fc.nat(3000)),
    part: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    // Whoever answers may be behind.
    isBehind: fc.boolean(),
  });
  const check = async (first: number, steps: readonly { growth: number; part: number; isBehind: boolean }[]) => {
    const database = fillerSumdb(first);
    const online = testClient(database);
    const records = new Set<number>();
    for (const { growth, part, isBehind } of steps) {
      const before = database.size;
      database.growTo(before + growth);
      const record = Math.floor(before * part);
      online.operations.falsify = (path, bytes) =>
        isBehind && path.startsWith("lookup/") ? Buffer.from(database.lookup(record, before)) : bytes;
      await online.filler(record);
      records.add(record);
    }
    const offline = testClient(database, online.operations);
    offline.operations.database = null;
    for (const record of records) assert.equal((await offline.filler(record)).record, record);
  };
  const seed = testSeed(t);
  const steps = fc.array(step, { minLength: 1, maxLength: 12 });
  const numRuns = runsOf({ usual: 15, deep: 300 });
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), steps, check), { seed, numRuns });
  // Over the edge of a tile two levels up.
  await fc.assert(fc.asyncProperty(fc.constant(64_000), steps, check), { seed, numRuns: 2 });
});

test("lookup says SUMDB_UNKNOWN for what the database does not know, with its word, and keeps nothing of it", async () => {
  const { filler, operations } = testClient(fillerSumdb(10));
  const problem = await problemOf(filler(10));
  assert.equal(problem.code, "SUMDB_UNKNOWN");
  assert.equal(problem.verdict, "denied");
  assert.match(problem.message, /localhost\.localdev\/sumdb does not know filler\.example\/m10@v1\.0\.0/);
  assert.deepEqual(problem.tried, ["test: 404"]);
  assert.equal(operations.cache.size, 0);
  assert.equal(await operations.trust.load(), null);
});

test("lookup takes a tile that the database does not have for damage, never for an unknown version", async () => {
  const { filler, operations } = testClient(fillerSumdb(300));
  operations.falsify = (path, bytes) => (path.startsWith("tile/8/0/001") ? null : bytes);
  const problem = await problemOf(filler(5));
  assert.equal(problem.code, "SUMDB_DAMAGED");
  assert.match(problem.message, /has no tile\/8\/0\/001\.p\/44/);
  assert.deepEqual([...operations.cache.keys()], []);
});

test("lookup reads the full tile where the partial one is gone, and keeps the part that is proved", async () => {
  const database = fillerSumdb(300);
  const { filler, operations } = testClient(database);
  const partial = operations.falsify;
  operations.falsify = (path, bytes, source) => {
    // The tree has grown between the head and its tiles.
    if (path.startsWith("lookup/")) database.growTo(700);
    return path === "tile/8/0/001.p/44" ? null : partial(path, bytes, source);
  };
  await filler(290);
  assert.ok(operations.asked.includes("tile/8/0/001.p/44") && operations.asked.includes("tile/8/0/001"));
  const key = "sumdb/localhost.localdev/sumdb/tile/8/0/001";
  assert.equal(operations.cache.get(`${key}.p/44`)?.length, 44 * 32);
  assert.equal(operations.cache.has(key), false);
});

test("lookup passes trouble of the network on as it is, and tries again the next time", async () => {
  const database = fillerSumdb(600);
  const { filler, operations } = testClient(database);
  operations.database = null;
  assert.equal((await problemOf(filler(1))).code, "UPSTREAM_UNREACHABLE");
  operations.database = database;
  assert.equal((await filler(1)).record, 1);
});

test("lookup asks past a cache whose content has changed, and mends it", async () => {
  const database = fillerSumdb(1000);
  const first = testClient(database);
  const right = await first.filler(400);
  const good = new Map(first.operations.cache);
  for (const [key, bytes] of good) {
    for (const wrong of [Buffer.alloc(0), Buffer.from("<html>\n\n"), Buffer.alloc(bytes.length, 7)]) {
      const cache = new Map(good).set(key, wrong);
      const { filler, operations } = testClient(database, { cache });
      assert.deepEqual(await filler(400), right, key);
      assert.deepEqual(cache.get(key), bytes, `${key} is mended`);
      assert.ok(operations.asked.length > 0);
      const offline = testClient(database, { cache: new Map(good).set(key, wrong) });
      offline.operations.database = null;
      const problem = await problemOf(offline.filler(400));
      const isGone = wrong.length !== bytes.length && key.includes("/tile/");
      assert.equal(problem.code, isGone ? "UPSTREAM_UNREACHABLE" : "SUMDB_DAMAGED", key);
    }
  }
});

test("lookup asks the database itself where somebody on the way gives something else", async () => {
  const database = fillerSumdb(1000);
  const right = await testClient(database).filler(400);
  for (const part of ["lookup/", "tile/8/0/001", "tile/8/0/003", "tile/8/1/000"]) {
    const { filler, operations } = testClient(database);
    operations.falsify = (path, bytes, source) =>
      source === "any" && path.startsWith(part) ? Buffer.alloc(bytes.length, 1) : bytes;
    assert.deepEqual(await filler(400), right, part);
    assert.ok(
      operations.asked.some((ask) => ask.startsWith(part) && ask.endsWith("(database)")),
      part,
    );
  }
});

test("lookups of one version at a time are one, and one that goes away takes only itself", async () => {
  const { filler, operations } = testClient(fillerSumdb(300));
  const leaving = new AbortController();
  const left = assert.rejects(filler(5, leaving.signal), /the client went away/);
  const others = [filler(5), filler(5)];
  leaving.abort(new Error("the client went away"));
  await left;
  const [one, two] = await Promise.all(others);
  assert.equal(one, two);
  assert.equal(operations.asked.filter((path) => path.startsWith("lookup/")).length, 1);
});

test("lookups share the tiles that they fetch at one time", async () => {
  const { filler, operations } = testClient(fillerSumdb(300));
  await Promise.all(Array.from({ length: 10 }, (_, record) => filler(record)));
  const tiles = operations.asked.filter((path) => path.startsWith("tile/"));
  assert.deepEqual(tiles.toSorted(), ["tile/8/0/000", "tile/8/0/001.p/44", "tile/8/1/000.p/1"]);
});

test("lookups beyond the concurrency wait for their turn, and all end", async () => {
  const { filler, operations } = testClient(fillerSumdb(300), {}, { concurrency: 3 });
  const readRemote = operations.readRemote.bind(operations);
  let open = 0;
  let most = 0;
  operations.readRemote = async (ask, signal) => {
    if (!ask.path.startsWith("lookup/")) return readRemote(ask, signal);
    most = Math.max(most, ++open);
    try {
      return await readRemote(ask, signal);
    } finally {
      open--;
    }
  };
  const all = await Promise.all(Array.from({ length: 40 }, (_, record) => filler(record)));
  assert.deepEqual(
    all.map(({ record }) => record),
    Array.from({ length: 40 }, (_, record) => record),
  );
  assert.equal(most, 3);
});

test("a lookup that takes too long ends as unreachable, and aborts what it asks", async () => {
  const { filler, operations, clock } = testClient(fillerSumdb(300), {}, { timeoutMs: 5000 });
  let aborted: unknown = null;
  operations.readRemote = (_ask, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        aborted = signal.reason;
        reject(signal.reason as Error);
      });
    });
  const ended = problemOf(filler(5));
  await clock.advance(4999);
  assert.equal(aborted, null);
  await clock.advance(1);
  const problem = await ended;
  assert.deepEqual([problem.code, problem.status], ["UPSTREAM_UNREACHABLE", 504]);
  assert.equal(aborted, problem);
});

test("what nobody waits for any more is aborted", async () => {
  const { filler, operations } = testClient(fillerSumdb(300));
  let signal: AbortSignal | null = null;
  operations.readRemote = (_ask, given) => {
    signal = given;
    return new Promise(() => {});
  };
  const leaving = new AbortController();
  const left = assert.rejects(filler(5, leaving.signal), /gone/);
  await until(() => signal !== null);
  leaving.abort(new Error("gone"));
  await left;
  await until(() => signal?.aborted === true);
});

test("lookup refuses what no database can have, before it asks", async () => {
  const { client, operations } = testClient(fillerSumdb(3));
  const { signal } = new AbortController();
  const rows: readonly [string, string, Problem["code"]][] = [
    ["example.com/a", "main", "INVALID_VERSION"],
    ["example.com/a", "v1", "INVALID_VERSION"],
    ["example.com/a", "v1.0.0/go.mod", "INVALID_VERSION"],
    ["example", "v1.0.0", "INVALID_MODULE_PATH"],
    ["../a.b", "v1.0.0", "INVALID_MODULE_PATH"],
  ];
  for (const [module, version, code] of rows) {
    assert.equal((await problemOf(client.lookup(module, version, signal))).code, code, `${module}@${version}`);
  }
  assert.deepEqual(operations.asked, []);
});

test("several databases share one cache, each under its own name", async () => {
  const cache = new Map<string, Buffer>();
  const names = ["sum.example.test", "localhost.localdev/sumdb", "localhost.localdev/sumdb/other"];
  for (const name of names) {
    const { filler, client } = testClient(fillerSumdb(300, { name }), { cache });
    assert.equal(client.name, name);
    assert.equal((await filler(9)).database, name);
    assert.ok(cache.has(`sumdb/${name}/lookup/filler.example/m9@v1.0.0`));
  }
  // One database's answers are no other's, whoever mixes them up.
  const [first = "", second = ""] = names;
  const lookup = cache.get(`sumdb/${first}/lookup/filler.example/m9@v1.0.0`) ?? assert.fail();
  const mixed = testClient(fillerSumdb(300, { name: second }));
  mixed.operations.falsify = (path, bytes) => (path.startsWith("lookup/") ? lookup : bytes);
  assert.equal((await problemOf(mixed.filler(9))).code, "SUMDB_DAMAGED");
});

test("lookup escapes upper case in module and version", async () => {
  const { client, operations } = testClient(fillerSumdb(3));
  await problemOf(client.lookup("example.com/Upper", "v1.0.0-RC1", new AbortController().signal));
  assert.deepEqual(operations.asked, ["lookup/example.com/!upper@v1.0.0-!r!c1"]);
});

test("SumdbClient refuses a key that is none", () => {
  const { operations, clock } = testClient(fillerSumdb(3));
  assert.throws(() => new SumdbClient({ key: "x", operations, clock, onFork: () => {} }), /Cannot verify with the key/);
});
