import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { hash1 } from "../../test/testkit/dirhash.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { hashFolder } from "./hash-folder.ts";

const label = "example.com/a@v1.0.0";
const hashed = (path: string): ReturnType<typeof hashFolder> =>
  hashFolder({ module: "example.com/a", version: "v1.0.0", path }, () => {});

test("hashFolder has the h1 of the zip that the folder was unpacked from", async (t) => {
  await using scratch = await tempDir("hash-folder");
  const name = fc.stringMatching(/^[a-zé日!~ ]{1,5}(?:\/[a-z😀]{1,4}){0,3}\.go$/u);
  const files = fc.uniqueArray(fc.record({ name, content: fc.string() }), {
    selector: ({ name }) => name,
    maxLength: 8,
  });
  let round = 0;
  const property = fc.property(files, (made) => {
    const folder = join(scratch.path, String(round++));
    mkdirSync(join(folder, "empty/folders/do/not/count"), { recursive: true });
    for (const { name, content } of made) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    const want = made.map(({ name, content }) => ({ name: `${label}/${name}`, data: Buffer.from(content) }));
    const bytes = want.reduce((sum, { data }) => sum + data.length, 0);
    assert.deepEqual(hashed(folder), { h1: hash1(want), files: made.length, bytes });
    rmSync(folder, { recursive: true });
  });
  const seed = Math.floor(Math.random() * 0x7fffffff);
  t.diagnostic(`seed ${seed}`);
  fc.assert(property, { seed, numRuns: 100 });
});

test("hashFolder reads files that are larger than one piece, and follows links to files as Go does", async () => {
  await using scratch = await tempDir("hash-folder");
  for (const size of [1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 3_000_000]) {
    const data = Buffer.alloc(size, "0123456789abcdef-");
    writeFileSync(join(scratch.path, "large"), data);
    assert.equal(hashed(scratch.path).h1, hash1([{ name: `${label}/large`, data }]), String(size));
  }
  rmSync(join(scratch.path, "large"));
  writeFileSync(join(scratch.path, "a"), "content");
  symlinkSync("a", join(scratch.path, "b"));
  const data = Buffer.from("content");
  assert.equal(hashed(scratch.path).h1, hash1(["a", "b"].map((name) => ({ name: `${label}/${name}`, data }))));
});

test("hashFolder refuses what no unpacked module holds", async (t) => {
  const refused: [string, (folder: string) => void, RegExp][] = [
    ["a link to a folder", (folder) => symlinkSync(".", join(folder, "b")), /"b" is no regular file/],
    ["a link to nothing", (folder) => symlinkSync("nothing", join(folder, "b")), /"b" is no regular file/],
    ["a pipe", (folder) => void execFileSync("mkfifo", [join(folder, "b")]), /"b" is no regular file/],
    ["a line feed in a name", (folder) => writeFileSync(join(folder, "a\nb"), ""), /line feed/],
    ["a name that is no UTF-8", (folder) => writeFileSync(Buffer.from(`${folder}/\u00e9`, "latin1"), ""), /not UTF-8/],
  ];
  for (const [name, make, reason] of refused) {
    await t.test(name, async () => {
      await using scratch = await tempDir("hash-folder");
      make(scratch.path);
      assert.throws(
        () => hashed(scratch.path),
        (error) =>
          error instanceof Error && "code" in error && error.code === "UPSTREAM_DAMAGED" && reason.test(error.message),
      );
    });
  }
});
