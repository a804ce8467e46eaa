import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { hash1 } from "../../test/testkit/dirhash.ts";
import { zipOf } from "../../test/testkit/module-zip.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { Problem } from "../kernel/problem.ts";
import { hashZip } from "./hash-zip.ts";
import { WorkerHasher } from "./worker-hasher.ts";

const never = new AbortController().signal;
const label = "example.com/a@v1.0.0";

function seedOf(t: TestContext): number {
  const seed = Math.floor(Math.random() * 0x7fffffff);
  t.diagnostic(`seed ${seed}`);
  return seed;
}

const inMemory = (zip: Uint8Array): Promise<string> =>
  hashZip({ size: zip.length, read: (at, length) => Promise.resolve(zip.subarray(at, at + length)) }, label);

test("hashZip equals dirhash for any names and contents, packed or not", async (t) => {
  const name = fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" }).filter((text) => !/[\n\\\0]/.test(text));
  const file = fc.record({ name, data: fc.uint8Array({ maxLength: 3000 }) });
  const files = fc.uniqueArray(file, { maxLength: 20, selector: (one) => one.name.normalize() });
  const property = fc.asyncProperty(files, fc.boolean(), async (some, compress) => {
    const entries = some.map((one) => ({ ...one, name: `${label}/x${one.name}.go` }));
    assert.equal(await inMemory(await zipOf(entries, { compress })), hash1(entries));
  });
  await fc.assert(property, { seed: seedOf(t), numRuns: 150 });
});

test("hashZip sees every changed byte of a file's content, and no change beside it gives another h1", async (t) => {
  const entries = [
    { name: `${label}/go.mod`, data: Buffer.from("module example.com/a\n") },
    { name: `${label}/a.go`, data: Buffer.from("package a\n".repeat(50)) },
  ];
  const property = fc.asyncProperty(
    fc.boolean(),
    fc.nat(),
    fc.integer({ min: 1, max: 255 }),
    async (compress, at, by) => {
      const zip = await zipOf(entries, { compress });
      const want = hash1(entries);
      const changed = Buffer.from(zip);
      const place = at % zip.length;
      changed[place] = (changed[place] ?? 0) ^ by;
      const got = await inMemory(changed).catch((error: unknown) => error);
      if (got instanceof Error) assert.ok(got instanceof Problem && got.code === "UPSTREAM_DAMAGED", String(got));
      // A name, a time or a comment may differ: then the h1 says so where it counts, and content that unpacks is whole.
      else if (got === want) assert.notEqual(Buffer.compare(changed, zip), 0);
    },
  );
  await fc.assert(property, { seed: seedOf(t), numRuns: 400 });
  const zip = await zipOf(entries, { compress: false });
  const place = zip.indexOf("package a");
  for (let at = place; at < place + 100; at++) {
    const changed = Buffer.from(zip);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await assert.rejects(inMemory(changed), /another CRC-32/);
  }
});

test("hashZip unpacks files of many MiB in pieces, and tells where one is longer or shorter than it says", async () => {
  const data = Buffer.alloc(9 * 1024 * 1024, "0123456789abcdef");
  const entries = [{ name: `${label}/data.bin`, data }];
  for (const compress of [true, false]) {
    const zip = await zipOf(entries, { compress });
    assert.equal(await inMemory(zip), hash1(entries));
    if (!compress) continue;
    const directory = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    for (const difference of [-1, 1]) {
      const lying = Buffer.from(zip);
      lying.writeUInt32LE(data.length + difference, directory + 24);
      await assert.rejects(inMemory(lying), /bytes that the directory says/);
    }
  }
});

test("WorkerHasher hashes files and bytes, some at once and the others in turn", async () => {
  await using folder = await tempDir("hash");
  const hasher = new WorkerHasher(2);
  const entries = Array.from({ length: 12 }, (_, index) => [
    { name: `${label}/f${index}.go`, data: Buffer.from(`package f${index}\n`) },
  ]);
  const got = await Promise.all(
    entries.map(async (files, index) => {
      const bytes = await zipOf(files);
      if (index % 2 === 0) return hasher.zip({ bytes }, label, never);
      const path = join(folder.path, `${index}.zip`);
      await writeFile(path, bytes);
      return hasher.zip({ path }, label, never);
    }),
  );
  assert.deepEqual(got, entries.map(hash1));
  await hasher.close();
});

test("WorkerHasher tells damage from a disk that fails, and lets go of who waits no longer", async () => {
  const hasher = new WorkerHasher(1);
  await assert.rejects(hasher.zip({ bytes: Buffer.from("<html>") }, label, never), { code: "UPSTREAM_DAMAGED" });
  await assert.rejects(hasher.zip({ path: "/no/such/file.zip" }, label, never), { code: "STORE_FAILED" });
  const stop = new AbortController();
  const bytes = await zipOf([{ name: `${label}/a.go`, data: Buffer.from("package a\n") }]);
  const first = hasher.zip({ bytes }, label, never);
  const second = hasher.zip({ bytes }, label, stop.signal);
  stop.abort(new Error("nobody waits"));
  await assert.rejects(second, /nobody waits/);
  assert.match(await first, /^h1:/);
  await hasher.close();
});
