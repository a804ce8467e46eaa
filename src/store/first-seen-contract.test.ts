import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import type { FirstSeen } from "../ports/first-seen.ts";
import { MemoryFirstSeen } from "./memory-first-seen.ts";
import { SqliteFirstSeen } from "./sqlite-first-seen.ts";

const zip = { module: "corp.example/a", version: "v1.0.0", file: "zip" } as const;
const first = { h1: "h1:first", atMs: 1000, upstream: "direct" };
const second = { h1: "h1:second", atMs: 2000, upstream: "mirror" };

const makes: Record<string, (folder: string) => FirstSeen> = {
  memory: () => new MemoryFirstSeen(),
  sqlite: (folder) => new SqliteFirstSeen(join(folder, "first-seen.sqlite")),
};

for (const [name, make] of Object.entries(makes)) {
  test(`${name}: pin keeps what was first, for each file of each version`, async () => {
    await using folder = await tempDir("first-seen");
    const seen = make(folder.path);
    assert.equal(seen.find(zip), null);
    assert.deepEqual(seen.pin(zip, first), first);
    assert.deepEqual(seen.find(zip), first);
    assert.equal(seen.find({ ...zip, file: "origin" }), null);
    assert.deepEqual(seen.pin(zip, second), first);
    assert.deepEqual(seen.pin({ ...zip, file: "mod" }, second), second);
    assert.deepEqual(seen.pin({ ...zip, version: "v1.0.1" }, second), second);
    seen.close();
  });

  test(`${name}: forget lets all of a version be seen anew, and no other`, async () => {
    await using folder = await tempDir("first-seen");
    const seen = make(folder.path);
    seen.pin(zip, first);
    seen.pin({ ...zip, file: "mod" }, first);
    seen.pin({ ...zip, file: "origin" }, first);
    seen.pin({ ...zip, version: "v1.0.1" }, first);
    assert.equal(seen.forget(zip.module, zip.version), 3);
    assert.equal(seen.forget(zip.module, zip.version), 0);
    assert.deepEqual(seen.pin(zip, second), second);
    assert.deepEqual(seen.pin({ ...zip, version: "v1.0.1" }, second), first);
    seen.close();
  });
}

test("SqliteFirstSeen outlives its process, and two that have it open agree", async () => {
  await using folder = await tempDir("first-seen");
  const path = join(folder.path, "first-seen.sqlite");
  const one = new SqliteFirstSeen(path);
  const other = new SqliteFirstSeen(path);
  assert.deepEqual(one.pin(zip, first), first);
  assert.deepEqual(other.pin(zip, second), first);
  one.close();
  other.close();
  const later = new SqliteFirstSeen(path);
  assert.deepEqual(later.pin(zip, second), first);
  later.close();
});

test("SqliteFirstSeen refuses a file that is no database, and leaves it as it is", async () => {
  await using folder = await tempDir("first-seen");
  const path = join(folder.path, "first-seen.sqlite");
  await writeFile(path, "not a database, and long enough to have been one\n".repeat(40));
  assert.throws(() => new SqliteFirstSeen(path), { code: "STORE_FAILED" });
});
