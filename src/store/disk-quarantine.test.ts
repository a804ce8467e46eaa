import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import type { Evidence } from "../ports/quarantine.ts";
import { dataFolder } from "./data-folder.ts";
import { DiskQuarantine } from "./disk-quarantine.ts";
import { nodeDisk } from "./node-disk.ts";
import { thisProcess } from "./owner.ts";

const evidence = (atMs: number): Evidence => ({
  module: "example.com/a",
  version: "v1.0.0",
  file: "zip",
  upstream: "P1",
  atMs,
  bytes: 4,
  headers: { etag: '"1"' },
  wanted: "h1:wanted",
  wantedBy: "sum.example",
  got: "h1:got",
  proof: { record: 7 },
});

async function* content(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function quarantineIn(root: string): DiskQuarantine {
  let count = 0;
  const uniqueName = (): string => `u${String(++count).padStart(4, "0")}`;
  return new DiskQuarantine({ disk: nodeDisk, folder: dataFolder(root), owner: thisProcess(), uniqueName });
}

test("keep holds the bytes with their evidence, and list gives them back oldest first", async () => {
  await using folder = await tempDir("quarantine");
  const quarantine = quarantineIn(folder.path);
  assert.deepEqual(await quarantine.list(), []);
  const second = await quarantine.keep(evidence(Date.UTC(2026, 0, 2)), content("evil"));
  const first = await quarantine.keep(evidence(Date.UTC(2026, 0, 1)), content("bad!"));
  const listed = await quarantine.list();
  assert.deepEqual(
    listed.map(({ name }) => name),
    [first, second],
  );
  assert.deepEqual(listed[1]?.evidence, evidence(Date.UTC(2026, 0, 2)));
  assert.equal(await readFile(listed[1]?.path ?? "", "utf8"), "evil");
  assert.deepEqual(await readdir(join(folder.path, "tmp")), []);
});

test("keep makes room for the newest: at most 200 stay", async () => {
  await using folder = await tempDir("quarantine");
  const quarantine = quarantineIn(folder.path);
  for (let index = 0; index < 203; index++) await quarantine.keep(evidence(index * 1000), content("x"));
  const listed = await quarantine.list();
  assert.equal(listed.length, 200);
  assert.equal(listed[0]?.evidence.atMs, 3000);
});

test("keep leaves nothing behind and says STORE_FAILED where the bytes cannot be read to their end", async () => {
  await using folder = await tempDir("quarantine");
  const quarantine = quarantineIn(folder.path);
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from("ha");
    throw new Error("gone");
  };
  await assert.rejects(quarantine.keep(evidence(0), broken()), { code: "STORE_FAILED" });
  assert.deepEqual(await quarantine.list(), []);
  assert.deepEqual(await readdir(join(folder.path, "tmp")), []);
});
