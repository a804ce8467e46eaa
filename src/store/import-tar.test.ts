import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { moduleTree, type ModuleTree } from "../../test/testkit/module-tree.ts";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import type { CacheProgress } from "./cache-listing.ts";
import { exportTar } from "./export-tar.ts";
import { openFileStore, type FileStore } from "./file-store.ts";
import { importTar } from "./import-tar.ts";
import { nodeDisk } from "./node-disk.ts";

const command = { signal: new AbortController().signal, judge: null };
// 30 elements of the path make it longer than a plain tar header holds.
const deep = `example.com/${Array.from({ length: 30 }, (_, index) => `folder${index}`).join("/")}`;
const hasTar = process.env["PATH"]?.split(":").some((folder) => existsSync(join(folder, "tar"))) ?? false;

test("importTar of exportTar gives the same tree, and a second import finds it present", async () => {
  await using folder = await tempDir("tar");
  const clock = new FakeClock();
  const tree = await someModules();
  const from = await open(join(folder.path, "from"), clock);
  const paths = await fill(from, tree);
  const told: CacheProgress[] = [];
  const tar = join(folder.path, "cache.tar");
  await pipeline(
    exportTar(from, null, { ...command, onProgress: (each) => void told.push(each) }),
    createWriteStream(tar),
  );
  assert.deepEqual(told.at(-1), {
    files: paths.length,
    bytes: from.stats().bytes,
    totalFiles: paths.length,
    totalBytes: from.stats().bytes,
  });

  const to = await open(join(folder.path, "to"), clock);
  const report = await importTar(to, createReadStream(tar), command);
  assert.deepEqual(report, { imported: paths.length, bytes: from.stats().bytes, present: 0, refused: [] });
  for (const path of paths) {
    assert.deepEqual(await readFile(join(folder.path, "to/cache", path)), tree.answer(`/${path}`)?.body, path);
  }
  assert.equal(to.wasSeen(deep, "v1.0.0"), true);
  assert.equal(to.stats().files, paths.length);
  const again = await importTar(to, createReadStream(tar), command);
  assert.deepEqual([again.imported, again.present], [0, paths.length]);
  await from.close();
  await to.close();
});

test("exportTar of a pattern holds those modules alone", async () => {
  await using folder = await tempDir("tar");
  const store = await open(folder.path, new FakeClock());
  await fill(store, await someModules());
  const names: string[] = [];
  const to = await open(join(folder.path, "to"), new FakeClock());
  await importTar(to, exportTar(store, "example.com/Upper", command), command);
  for (const { name } of await nodeDisk.list(join(folder.path, "to/cache/example.com"))) names.push(name);
  assert.deepEqual(names, ["!upper"]);
  await store.close();
  await to.close();
});

test("tar reads what exportTar writes, and importTar reads what tar writes", { skip: !hasTar }, async () => {
  await using folder = await tempDir("tar");
  const tree = await someModules();
  const store = await open(join(folder.path, "from"), new FakeClock());
  const paths = await fill(store, tree);
  const tar = join(folder.path, "cache.tar");
  await pipeline(exportTar(store, null, command), createWriteStream(tar));
  const out = join(folder.path, "out");
  await mkdir(out);
  execFileSync("tar", ["-xf", tar, "-C", out]);
  for (const path of paths) assert.deepEqual(await readFile(join(out, path)), tree.answer(`/${path}`)?.body);
  for (const format of ["ustar", "gnu", "pax"]) {
    const theirs = join(folder.path, `${format}.tar`);
    // ustar has no room for the longest name.
    const excluded = format === "ustar" ? ["--exclude=folder20"] : [];
    await promisify(execFile)("tar", [`--format=${format}`, ...excluded, "-cf", theirs, "-C", out, "."]);
    const to = await open(join(folder.path, format), new FakeClock());
    const report = await importTar(to, createReadStream(theirs), command);
    assert.deepEqual(report.refused, [], format);
    assert.equal(report.imported, format === "ustar" ? paths.length - 4 : paths.length, format);
    await to.close();
  }
  await store.close();
});

test("importTar refuses by name what is no file of the layout, and takes in the rest", { skip: !hasTar }, async () => {
  await using folder = await tempDir("tar");
  const source = join(folder.path, "source");
  const good = "example.com/a/@v/v1.0.0.mod";
  const files: Record<string, string> = {
    [good]: "module example.com/a\n",
    "example.com/a/@v/v1.0.0.ziphash": "h1:",
    "example.com/a/@v/v1.0.0.lock": "",
    "example.com/Upper/@v/v1.0.0.mod": "module example.com/Upper\n",
    "example.com/a/@v/v1.0.1.info": "<html>",
    "example.com/a/@v/v1.0.2.info": '{"Version":"v1.0.3"}',
    "example.com/a/@v/v1.0.2.zip": "no zip at all",
    "example.com/a/@v/v1.0.3.zip": "",
    "nodot/@v/v1.0.0.mod": "module nodot\n",
    "cache/lock": "",
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(source, name)), { recursive: true });
    await writeFile(join(source, name), content);
  }
  await symlink("/etc/passwd", join(source, "example.com/a/@v/v2.0.0.mod"));
  execFileSync("tar", ["-cf", join(folder.path, "x.tar"), "-C", source, "."]);
  // Names that tar itself would not write.
  execFileSync("tar", [
    "-rPf",
    join(folder.path, "x.tar"),
    "--transform",
    "s|.*|../../evil.com/a/@v/v1.0.0.mod|",
    "-C",
    source,
    good,
  ]);
  execFileSync("tar", [
    "-rPf",
    join(folder.path, "x.tar"),
    "--transform",
    "s|.*|/evil.com/a/@v/v1.0.0.mod|",
    "-C",
    source,
    good,
  ]);
  const to = await open(join(folder.path, "to"), new FakeClock());
  const report = await importTar(to, createReadStream(join(folder.path, "x.tar")), command);
  assert.equal(report.imported, 1);
  const refused = report.refused.map(({ name }) => name).sort();
  const expected = [...Object.keys(files).filter((name) => name !== good), "example.com/a/@v/v2.0.0.mod"];
  assert.deepEqual(refused, [...expected, "../../evil.com/a/@v/v1.0.0.mod", "/evil.com/a/@v/v1.0.0.mod"].sort());
  assert.ok(report.refused.every(({ reason }) => reason.length > 0));
  assert.equal(to.stats().files, 1);
  const here = await readdir(join(folder.path, "to"), { recursive: true, withFileTypes: true });
  assert.deepEqual(
    here.filter((entry) => !entry.isDirectory() && !entry.name.startsWith("index.sqlite")).map(({ name }) => name),
    ["v1.0.0.mod"],
  );
  await to.close();
});

test("importTar of a tar that breaks off keeps the whole files before and nothing of the broken one", async () => {
  await using folder = await tempDir("tar");
  const clock = new FakeClock();
  const from = await open(join(folder.path, "from"), clock);
  await put(from, "example.com/a/@v/v1.0.0.mod", Buffer.from("module example.com/a\n"));
  await put(from, "example.com/b/@v/v1.0.0.mod", Buffer.alloc(300_000, "x"));
  const pieces: Uint8Array[] = [];
  for await (const piece of exportTar(from, null, command)) pieces.push(piece);
  const whole = Buffer.concat(pieces);
  const to = await open(join(folder.path, "to"), clock);
  const broken = (async function* () {
    yield whole.subarray(0, 200_000);
  })();
  await assert.rejects(importTar(to, broken, command), {
    code: "UPSTREAM_DAMAGED",
    message: /breaks off inside "example.com\/b/,
  });
  assert.equal((await to.find("example.com/a/@v/v1.0.0.mod"))?.size, 21);
  assert.equal(await to.find("example.com/b/@v/v1.0.0.mod"), null);
  assert.deepEqual(await readdir(join(folder.path, "to/tmp")), []);
  await from.close();
  await to.close();
});

test("importTar replaces an older list and keeps a younger one", async () => {
  await using folder = await tempDir("tar");
  const clock = new FakeClock();
  const list = "example.com/a/@v/list";
  const [from, to] = [await open(join(folder.path, "from"), clock), await open(join(folder.path, "to"), clock)];
  await put(to, list, Buffer.from("v1.0.0\n"));
  await clock.advance(5_000);
  await put(from, list, Buffer.from("v1.0.0\nv1.1.0\n"));
  assert.equal((await importTar(to, exportTar(from, null, command), command)).imported, 1);
  assert.equal((await to.find(list))?.bytes?.toString(), "v1.0.0\nv1.1.0\n");
  await clock.advance(5_000);
  await put(to, list, Buffer.from("v1.0.0\nv1.1.0\nv1.2.0\n"));
  assert.equal((await importTar(to, exportTar(from, null, command), command)).present, 1);
  await clock.advance(1_000);
  assert.equal((await to.find(list))?.size, 21);
  await from.close();
  await to.close();
});

test("exportTar does not count as a use", async () => {
  await using folder = await tempDir("tar");
  const clock = new FakeClock();
  const store = await open(folder.path, clock);
  await put(store, "example.com/a/@v/v1.0.0.mod", Buffer.from("module example.com/a\n"));
  const before = clock.now();
  await clock.advance(3_600_000);
  for await (const _piece of exportTar(store, null, command));
  await clock.advance(60_000);
  const row = store.parts.index.database.prepare("SELECT last_used FROM files").get();
  assert.equal(row?.["last_used"], before);
  await store.close();
});

function someModules(): Promise<ModuleTree> {
  return moduleTree([
    { path: "example.com/Upper", version: "v1.0.0" },
    { path: "example.com/b", version: "v1.0.0", files: { "data.bin": Buffer.alloc(300_000, 3) }, stored: true },
    { path: deep, version: "v1.0.0" },
  ]);
}

async function fill(store: FileStore, tree: ModuleTree): Promise<string[]> {
  const paths = tree.versions.flatMap(({ path, version }) => {
    const base = path.replace("Upper", "!upper");
    return [`${base}/@v/list`, ...["info", "mod", "zip"].map((extension) => `${base}/@v/${version}.${extension}`)];
  });
  for (const path of paths) await put(store, path, tree.answer(`/${path}`)?.body ?? Buffer.alloc(0));
  return paths;
}

function open(data: string, clock: FakeClock): Promise<FileStore> {
  return openFileStore({
    data,
    disk: nodeDisk,
    clock,
    memoryBytes: 1_000_000,
    maxBytes: null,
    upkeep: "none",
    onTrouble: (problem) => assert.fail(problem),
  });
}

async function put(store: FileStore, key: string, bytes: Buffer): Promise<void> {
  await using staged = await store.stage(key);
  await staged.write(bytes);
  await staged.commit();
}
