import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { ZipFile, type Options } from "yazl";
import { Problem } from "../kernel/problem.ts";
import { checkFilePath } from "./zip-file-path.ts";
import { checkZip } from "./zip-directory.ts";
import type { ZipSource } from "./zip-reads.ts";

const module = "example.com/a";
const version = "v1.0.0";
const prefix = `${module}@${version}/`;

type Files = Readonly<Record<string, string | Buffer>>;

async function zipOf(files: Files, options: Partial<Options> = {}, comment = ""): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith("/")) zip.addEmptyDirectory(name);
    else zip.addBuffer(Buffer.from(content), name, options);
  }
  zip.end({ comment, forceZip64Format: options.forceZip64Format ?? false });
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Writes another name of the same length over one that the zip writer would not have written. */
function renamed(zip: Buffer, from: string, to: string): Buffer {
  assert.equal(Buffer.byteLength(from), Buffer.byteLength(to));
  return Buffer.from(zip.toString("latin1").replaceAll(from, Buffer.from(to).toString("latin1")), "latin1");
}

function sourceOf(zip: Buffer): ZipSource & { reads: number[] } {
  const reads: number[] = [];
  return {
    size: zip.length,
    reads,
    read(position, length) {
      reads.push(length);
      return Promise.resolve(zip.subarray(position, position + length));
    },
  };
}

const check = (zip: Buffer): Promise<{ files: number }> => checkZip(sourceOf(zip), module, version);

async function reasonFor(zip: Buffer): Promise<string> {
  try {
    await check(zip);
  } catch (error) {
    if (error instanceof Problem && error.code === "UPSTREAM_DAMAGED") return error.message;
    throw error;
  }
  return "accepted";
}

const whole = { [`${prefix}go.mod`]: "module example.com/a\n", [`${prefix}a.go`]: "package a\n".repeat(50) };

test("checkZip accepts what go accepts", async (t) => {
  const plain = await zipOf(whole);
  const nested = await zipOf({ "x/empty.txt": "" });
  const accepted: [string, Buffer, number][] = [
    ["plain", plain, 2],
    ["stored", await zipOf(whole, { compress: false }), 2],
    ["zip64", await zipOf(whole, { forceZip64Format: true }), 2],
    ["with a comment", await zipOf(whole, {}, "c".repeat(3000)), 2],
    ["no files", await zipOf({}), 0],
    ["without go.mod", await zipOf({ [`${prefix}a.go`]: "package a" }), 1],
    ["trailing garbage", Buffer.concat([plain, Buffer.alloc(900, "x")]), 2],
    ["prepended garbage", Buffer.concat([Buffer.alloc(900, "x"), plain]), 2],
    ["directories", await zipOf({ [`${prefix}d/`]: "", [`${prefix}d/a.go`]: "x", [prefix]: "" }), 1],
    ["a zip within", await zipOf({ ...whole, [`${prefix}testdata/x.zip`]: nested }, { compress: false }), 3],
    ["a letter beyond ASCII", await zipOf({ [`${prefix}日本 é.go`]: "" }), 1],
    ["dotless i beside i", await zipOf({ [`${prefix}ı`]: "", [`${prefix}i`]: "" }), 2],
  ];
  for (const [name, zip, files] of accepted) {
    await t.test(name, async () => assert.deepEqual(await check(zip), { files }));
  }
});

test("checkZip refuses bad names with go's reasons", async (t) => {
  const withName = async (name: string): Promise<Buffer> => {
    const stand = "z".repeat(Buffer.byteLength(name));
    return renamed(await zipOf({ ...whole, [stand]: "x" }), stand, name);
  };
  const refused: [string, Buffer, RegExp][] = [
    [
      "wrong version",
      await zipOf({ "example.com/a@v1.0.1/a.go": "" }),
      /unexpected file "example.com\/a@v1.0.1\/a.go"/,
    ],
    ["no prefix", await zipOf({ "a.go": "x" }), /unexpected file "a.go", not below "example.com\/a@v1.0.0\/"/],
    ["dot dot", await withName(`${prefix}../../evil.go`), /malformed file path .* invalid path element "\.\."/],
    ["absolute", await withName(`${prefix}/etc/passwd`), /malformed file path .* empty path element/],
    ["double slash", await withName(`${prefix}a//b`), /empty path element/],
    ["backslash", await withName(`${prefix}a\\b`), /invalid char "\\\\"/],
    ["control", await withName(`${prefix}a\nb`), /invalid char "\\n"/],
    ["trailing dot", await withName(`${prefix}a.`), /trailing dot/],
    ["reserved on Windows", await withName(`${prefix}Aux.go`), /"Aux" disallowed/],
    ["no letter", await withName(`${prefix}a☺`), /invalid char/],
    ["file twice", await withName(`${prefix}a.go`), /multiple entries for file "a.go"/],
    ["case collision", await withName(`${prefix}A.go`), /collision: "a.go" and "A.go"/],
    ["folded collision", await zipOf({ [`${prefix}ſ`]: "", [`${prefix}S`]: "" }), /collision/],
    ["folder collision", await zipOf({ [`${prefix}X/a`]: "", [`${prefix}x/b`]: "" }), /collision: "X" and "x"/],
    ["file and folder", await zipOf({ [`${prefix}x`]: "", [`${prefix}x/b`]: "" }), /both a file and a directory/],
    ["go.mod below", await zipOf({ [`${prefix}b/go.mod`]: "" }), /go.mod file not in module root/],
    ["GO.MOD", await zipOf({ [`${prefix}GO.MOD`]: "" }), /go.mod files must have lowercase names/],
  ];
  const notUtf8 = renamed(await zipOf({ [`${prefix}zz`]: "" }), `${prefix}zz`, `${prefix}é`);
  refused.push(["not UTF-8", Buffer.from(notUtf8.toString("latin1").replaceAll("Ã©", "Ã("), "latin1"), /not UTF-8/]);
  for (const [name, zip, reason] of refused) {
    await t.test(name, async () => assert.match(await reasonFor(zip), reason));
  }
});

test("checkZip refuses what is no whole zip", async (t) => {
  const zip = await zipOf(whole);
  const end = zip.length - 22;
  const patched = (at: number, bytes: number[]): Buffer => {
    const copy = Buffer.from(zip);
    copy.set(bytes, at);
    return copy;
  };
  const directoryAt = zip.readUInt32LE(end + 16);
  const empty = await zipOf({});
  const huge = [0xff, 0xff, 0xff, 0xf0];
  const refused: [string, Buffer, RegExp][] = [
    ["nothing", Buffer.alloc(0), /no end-of-central-directory record; its 0 bytes/],
    ["a login page", Buffer.from(`<html>${" ".repeat(70_000)}</html>`), /no end-of-central-directory/],
    ["bytes lost within", Buffer.concat([zip.subarray(0, 40), zip.subarray(60)]), /byte -20, outside/],
    ["bytes added within", Buffer.concat([zip.subarray(0, 40), zip.subarray(20)]), /no file where its directory says/],
    ["directory before the file", patched(end + 12, huge), /central directory lies outside/],
    ["fewer entries than said", patched(end + 10, [3]), /has 2 of 3 entries/],
    ["content beyond the directory", patched(directoryAt + 20, huge), /would reach beyond its end/],
    ["unknown compression", patched(directoryAt + 10, [12]), /unsupported compression 12/],
    ["first local header gone", patched(0, [0]), /no file where its directory says, at byte 0/],
    ["zip64 without its record", patched(end + 16, [0xff, 0xff, 0xff, 0xff]), /outside/],
    ["cut within a nested empty zip", Buffer.concat([zip.subarray(0, 90), empty]), /no entries in 112 bytes/],
    ["cut comment", (await zipOf(whole, {}, "comment")).subarray(0, -1), /comment at its end is cut off/],
  ];
  for (const [name, bytes, reason] of refused) {
    await t.test(name, async () => assert.match(await reasonFor(bytes), reason));
  }
});

test("checkZip refuses a zip larger than go unpacks", async () => {
  const big = await zipOf({ [`${prefix}a.go`]: "x", [`${prefix}b.go`]: "x" });
  const claim = (bytes: number): Buffer => {
    const zip = Buffer.from(big);
    let at = zip.readUInt32LE(zip.length - 6);
    for (let entry = 0; entry < 2; entry++) {
      zip.writeUInt32LE(bytes, at + 24);
      at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30);
    }
    return zip;
  };
  assert.equal(await reasonFor(claim(250 * 1024 * 1024)), "accepted");
  assert.match(await reasonFor(claim(250 * 1024 * 1024 + 1)), /total uncompressed size .* too large/);
  const tooLarge = { size: 500 * 1024 * 1024 + 1, read: () => assert.fail("nothing needs to be read") };
  await assert.rejects(checkZip(tooLarge, module, version), { code: "UPSTREAM_DAMAGED" });
});

test("checkZip reads a directory of 20,000 entries in slices, and nothing of the content", async () => {
  const files: Record<string, string> = {};
  for (let index = 0; index < 20_000; index++) files[`${prefix}internal/package${index}/file_${index}.go`] = "x";
  const source = sourceOf(await zipOf(files, { compress: false }));
  assert.deepEqual(await checkZip(source, module, version), { files: 20_000 });
  assert.ok(Math.max(...source.reads) < 200_000, `largest read ${Math.max(...source.reads)}`);
  const directoryBytes = 20_000 * (46 + 60);
  const read = source.reads.reduce((sum, length) => sum + length, 0);
  assert.ok(read < directoryBytes * 1.2, `${read} bytes read of ${source.size}`);
});

test("checkZip refuses a source that ends before its size, and passes its failures on", async () => {
  const zip = await zipOf(whole);
  const short: ZipSource = { size: zip.length, read: () => Promise.resolve(new Uint8Array(5)) };
  await assert.rejects(checkZip(short, module, version), /ends before its/);
  const broken: ZipSource = { size: 100, read: () => Promise.reject(new Problem("STORE_FAILED", "disk gone")) };
  await assert.rejects(checkZip(broken, module, version), { code: "STORE_FAILED" });
});

function seedOf(t: TestContext): number {
  const seed = Math.floor(Math.random() * 0x7fffffff);
  t.diagnostic(`seed ${seed}`);
  return seed;
}

// Names of Windows devices, such as aux, stand in no honest zip.
const anyName = fc
  .stringMatching(/^[a-z]{1,6}(?:\/[a-z]{1,6}){0,2}\.go$/)
  .filter((name) => checkFilePath(name) === null);

const anyZip = fc.record({
  names: fc.uniqueArray(anyName, { maxLength: 12 }),
  content: fc.uint8Array({ maxLength: 400 }),
  compress: fc.boolean(),
  forceZip64Format: fc.boolean(),
  comment: fc.stringMatching(/^[a-z]{0,30}$/),
});

test("checkZip accepts any honest zip and refuses each of its truncations", async (t) => {
  const cut = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const property = fc.asyncProperty(anyZip, fc.array(cut, { maxLength: 12 }), async (made, cuts) => {
    const files: Record<string, Buffer> = {};
    for (const name of made.names) files[`${prefix}${name}`] = Buffer.from(made.content);
    const zip = await zipOf(files, { compress: made.compress, forceZip64Format: made.forceZip64Format }, made.comment);
    assert.deepEqual(await check(zip), { files: made.names.length });
    const lengths = [0, zip.length - 1, ...cuts.map((share) => Math.floor(share * zip.length))];
    for (const length of lengths) assert.notEqual(await reasonFor(zip.subarray(0, length)), "accepted");
  });
  await fc.assert(property, { seed: seedOf(t), numRuns: 150 });
});

test("checkZip ends in an answer or UPSTREAM_DAMAGED whatever bytes are changed", async (t) => {
  const zips = [await zipOf(whole), await zipOf(whole, { forceZip64Format: true })];
  const change = fc.tuple(fc.nat(), fc.nat(255));
  const property = fc.asyncProperty(
    fc.nat(1),
    fc.array(change, { minLength: 1, maxLength: 6 }),
    async (which, changes) => {
      const zip = Buffer.from(zips[which] ?? "");
      for (const [at, value] of changes) zip[zip.length - 1 - (at % Math.min(zip.length, 320))] = value;
      await reasonFor(zip);
    },
  );
  await fc.assert(property, { seed: seedOf(t), numRuns: 1500 });
});
