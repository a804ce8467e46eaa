import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import type { Store, StoredFile } from "../ports/store.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { openFileStore } from "./file-store.ts";
import { MemoryStore } from "./memory-store.ts";
import { nodeDisk } from "./node-disk.ts";

interface Subject extends AsyncDisposable {
  readonly store: Store;
  readonly clock: FakeClock;
}

const makers: Record<string, () => Promise<Subject>> = {
  MemoryStore: () => {
    const clock = new FakeClock();
    const store = new MemoryStore(clock);
    return Promise.resolve({ store, clock, [Symbol.asyncDispose]: () => store.close() });
  },
  FileStore: async () => {
    const folder = await tempDir("store");
    const clock = new FakeClock();
    const store = await openFileStore({
      data: folder.path,
      disk: nodeDisk,
      clock,
      memoryBytes: 4_000_000,
      maxBytes: null,
      upkeep: "none",
      onTrouble: (problem) => assert.fail(problem),
    });
    return {
      store,
      clock,
      [Symbol.asyncDispose]: async () => {
        await store.close();
        await folder[Symbol.asyncDispose]();
      },
    };
  },
};

const key = "example.com/a/@v/v1.0.0.info";
const listKey = "example.com/a/@v/list";
const meta = { confirmedAtMs: 1_000, upstream: "first", upstreamEtag: '"e1"', upstreamLastModified: null };

for (const [name, make] of Object.entries(makers)) {
  void suite(name, () => {
    test("find and peek know nothing of a key before commit(), and the whole file after it", async () => {
      await using subject = await make();
      const { store, clock } = subject;
      await using staged = await store.stage(key);
      await staged.write(Buffer.from("hello "));
      await staged.write(Buffer.from("world"));
      assert.equal(staged.size, 11);
      assert.equal(await store.find(key), null);
      assert.equal(store.peek(key), undefined);
      const committed = await staged.commit();
      for (const file of [committed, await store.find(key), store.peek(key)]) {
        assert.ok(file);
        assert.equal(await textOf(file), "hello world");
        assert.equal(file.size, 11);
        assert.equal(file.key, key);
        assert.equal(file.storedAtMs, clock.now());
        assert.match(file.etag, /^"[\w-]+"$/);
      }
    });

    test("discard() and leaving `await using` keep a staged file out of sight", async () => {
      await using subject = await make();
      const { store } = subject;
      {
        await using staged = await store.stage(key);
        await staged.write(Buffer.from("gone"));
      }
      const other = await store.stage(key);
      await other.write(Buffer.alloc(200_000));
      await other.discard();
      await assert.rejects(other.commit(), TypeError);
      assert.equal(await store.find(key), null);
      assert.equal(store.stats().files, 0);
    });

    for (const size of [0, 1, 65_536, 65_537, 300_000, 1_500_000]) {
      test(`content() of ${size} bytes is readable before, during and after commit()`, async () => {
        await using subject = await make();
        const { store } = subject;
        const bytes = pattern(size);
        await using staged = await store.stage(key);
        for (let at = 0; at < size; at += 50_000) await staged.write(bytes.subarray(at, at + 50_000));
        const content = staged.content();
        assert.equal(content.size, size);
        assert.deepEqual(await bytesOf(content), bytes);
        const committing = staged.commit();
        assert.deepEqual(await bytesOf(content), bytes);
        const stored = await committing;
        assert.equal(stored.etag, content.etag);
        assert.deepEqual(await bytesOf(content), bytes);
        assert.deepEqual(await bytesOf(stored), bytes);
        const found = await store.find(key);
        assert.ok(found);
        assert.deepEqual(await bytesOf(found), bytes);
        assert.equal(found.etag, content.etag);
        assert.equal(found.storedAtMs, content.storedAtMs);
        await assert.rejects(staged.write(bytes), TypeError);
      });

      test(`content() of ${size} bytes is readable after discard()`, async () => {
        await using subject = await make();
        const staged = await subject.store.stage(key);
        const bytes = pattern(size);
        await staged.write(bytes);
        const content = staged.content();
        await staged.discard();
        assert.deepEqual(await bytesOf(content), bytes);
        assert.equal(await subject.store.find(key), null);
      });
    }

    test("a StoredFile stays readable after its key was replaced and removed", async () => {
      await using subject = await make();
      const { store } = subject;
      const large = pattern(1_500_000);
      const before = await put(store, listKey, large);
      const found = await store.find(listKey);
      await put(store, listKey, Buffer.from("v2"));
      await store.remove(listKey);
      assert.ok(found);
      assert.deepEqual(await bytesOf(before), large);
      assert.deepEqual(await bytesOf(found), large);
      assert.equal(await store.find(listKey), null);
      assert.equal(store.peek(listKey), undefined);
    });

    test("commit() replaces a list at once for peek, find and the entity tag", async () => {
      await using subject = await make();
      const { store } = subject;
      const first = await put(store, listKey, Buffer.from("v1.0.0\n"));
      await put(store, listKey, Buffer.from("v1.0.1\n"));
      const found = await store.find(listKey);
      assert.ok(found);
      assert.equal(await textOf(found), "v1.0.1\n");
      assert.equal(store.peek(listKey)?.etag, found.etag);
      assert.notEqual(found.etag, first.etag);
    });

    test("stream(range) and read() give any part of any content", async (t) => {
      await using subject = await make();
      const { store } = subject;
      const seed = Date.now() % 2 ** 31;
      t.diagnostic(`seed ${seed}`);
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(10, 70_000, 600_000),
          fc.double({ min: 0, max: 0.999_999, noNaN: true }),
          fc.double({ min: 0, max: 0.999_999, noNaN: true }),
          fc.integer({ min: 1, max: 100_000 }),
          async (size, from, to, piece) => {
            const bytes = pattern(size);
            const [start = 0, end = 0] = [Math.floor(from * size), Math.floor(to * size)].sort((a, b) => a - b);
            await using staged = await store.stage(key);
            for (let at = 0; at < size; at += piece) await staged.write(bytes.subarray(at, at + piece));
            assert.deepEqual(Buffer.from(await staged.read(start, end + 1 - start)), bytes.subarray(start, end + 1));
            assert.deepEqual(await bytesOf(staged.content(), { start, end }), bytes.subarray(start, end + 1));
            await staged.commit();
            const found = await store.find(key);
            assert.ok(found);
            assert.deepEqual(await bytesOf(found, { start, end }), bytes.subarray(start, end + 1));
          },
        ),
        { seed, numRuns: 30 },
      );
    });

    test("answerMeta is what confirm() said last, and null after remove()", async () => {
      await using subject = await make();
      const { store } = subject;
      assert.equal(store.answerMeta(listKey), null);
      await put(store, listKey, Buffer.from("v1.0.0\n"));
      store.confirm(listKey, meta);
      assert.deepEqual(store.answerMeta(listKey), meta);
      const later = { ...meta, confirmedAtMs: 2_000, upstream: "second" };
      store.confirm(listKey, later);
      assert.deepEqual(store.answerMeta(listKey), later);
      await store.remove(listKey);
      assert.equal(store.answerMeta(listKey), null);
    });

    test("answerMeta withholds validators that belong to other content", async () => {
      await using subject = await make();
      const { store } = subject;
      await put(store, listKey, Buffer.from("v1.0.0\n"));
      store.confirm(listKey, meta);
      await put(store, listKey, Buffer.from("v1.0.0\nv1.1.0\n"));
      assert.deepEqual(store.answerMeta(listKey), { ...meta, upstreamEtag: null });
    });

    test("recordSeen keeps the first time, and seenSince gives each version once, in strictly rising time", async () => {
      await using subject = await make();
      const { store, clock } = subject;
      assert.equal(store.wasSeen("example.com/A", "v1.0.0"), false);
      for (let minor = 0; minor < 5; minor++) store.recordSeen("example.com/A", `v1.${minor}.0`);
      assert.equal(store.wasSeen("example.com/A", "v1.0.0"), true);
      const first = store.seenSince(0, 10);
      await clock.advance(60_000);
      store.recordSeen("example.com/A", "v1.0.0");
      store.recordSeen("example.com/A", "v2.0.0");
      const all = store.seenSince(0, 10);
      assert.deepEqual(all.slice(0, 5), first);
      assert.deepEqual(
        all.map(({ version }) => version),
        ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0", "v1.4.0", "v2.0.0"],
      );
      const paged: string[] = [];
      for (let since = 0; ;) {
        const page = store.seenSince(since, 2);
        if (page.length === 0) break;
        paged.push(...page.map(({ version }) => version));
        since = page.at(-1)?.firstSeenMs ?? 0;
      }
      assert.deepEqual(paged, ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0", "v1.4.0", "v2.0.0"]);
    });

    test("versionsOf names the canonical versions whose .info is here, unescaped", async () => {
      await using subject = await make();
      const { store } = subject;
      const base = "example.com/!upper/@v";
      for (const file of ["v1.0.0.info", "v1.1.0-!r!c1.info", "main.info", "v2.0.0.mod", "list"]) {
        await put(store, `${base}/${file}`, Buffer.from("x"));
      }
      assert.deepEqual([...(await store.versionsOf("example.com/!upper"))].sort(), ["v1.0.0", "v1.1.0-RC1"]);
      assert.deepEqual(await store.versionsOf("example.com/other"), []);
    });

    test("stats counts files, bytes, modules and versions, a replaced file once", async () => {
      await using subject = await make();
      const { store } = subject;
      await put(store, "example.com/a/@v/v1.0.0.info", Buffer.alloc(10));
      await put(store, "example.com/a/@v/v1.0.0.zip", Buffer.alloc(1000));
      await put(store, "example.com/a/@v/v1.1.0.mod", Buffer.alloc(5));
      await put(store, "example.com/b/@v/v1.0.0.mod", Buffer.alloc(5));
      await put(store, "example.com/a/@v/list", Buffer.alloc(7));
      await put(store, "example.com/a/@v/list", Buffer.alloc(8));
      const { files, bytes, modules, versions } = store.stats();
      assert.deepEqual({ files, bytes, modules, versions }, { files: 5, bytes: 1028, modules: 2, versions: 3 });
    });

    test("acquireFlight gives a flight that is free again after release()", async () => {
      await using subject = await make();
      for (let round = 0; round < 2; round++) {
        const flight = await subject.store.acquireFlight(key);
        assert.ok(flight.kind === "held");
        await flight.release();
      }
    });
  });
}

async function put(store: Store, into: string, bytes: Buffer): Promise<StoredFile> {
  await using staged = await store.stage(into);
  await staged.write(bytes);
  return await staged.commit();
}

function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let index = 0; index < size; index++) bytes[index] = (index * 31 + (index >> 8)) & 0xff;
  return bytes;
}

async function bytesOf(file: StoredFile, range?: { start: number; end: number }): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.stream(range)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

async function textOf(file: StoredFile): Promise<string> {
  return (await bytesOf(file)).toString();
}
