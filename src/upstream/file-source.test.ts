import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { tempDir } from "../../test/testkit/temp-dir.ts";
import { askFor, bodyText, testChain, upstreamConfig } from "../../test/testkit/test-chain.ts";
import type { Disk, DiskFile } from "../ports/disk.ts";
import type { Found } from "./answer.ts";
import { FileSource } from "./file-source.ts";

const never = new AbortController().signal;

test("a file: upstream serves its folder; a missing file is absent, a missing folder unreachable", async () => {
  await using folder = await tempDir("file source");
  const root = join(folder.path, "pro xy");
  const versions = join(root, "example.com/a/@v");
  await mkdir(versions, { recursive: true });
  const content = "x".repeat(700_000);
  await writeFile(join(versions, "v1.0.0.zip"), content);
  await writeFile(join(folder.path, "secret"), "beside the folder");
  await mkdir(join(versions, "v1.0.0.mod"));
  await using chain = await testChain([upstreamConfig(pathToFileURL(root).href, { name: "disk" })]);

  const found = await chain.fetch(askFor("zip"), async (body) => [body.size, await bodyText(body)], never);
  assert.deepEqual(found, { kind: "found", upstream: "disk", value: [content.length, content] });
  await assert.rejects(chain.fetch(askFor("info"), bodyText, never), { code: "MODULE_ABSENT" });
  await assert.rejects(chain.fetch(askFor("mod"), bodyText, never), { code: "UPSTREAM_UNREACHABLE" });
  await assert.rejects(chain.fetch(askFor("info", { path: "../secret" }), bodyText, never), { code: "MODULE_ABSENT" });
  await rm(root, { recursive: true });
  await assert.rejects(chain.fetch(askFor("zip"), bodyText, never), { code: "UPSTREAM_UNREACHABLE" });
});

/** A disk whose one file fails in the way that `read` does. */
function faultyDisk(read: () => Promise<Uint8Array>): Pick<Disk, "open" | "stat"> & { isClosed: () => boolean } {
  let isClosed = false;
  const file: Pick<DiskFile, "read" | "close"> = {
    read,
    close: async () => {
      isClosed = true;
    },
  };
  return {
    isClosed: () => isClosed,
    stat: () => Promise.resolve({ size: 10, modifiedAtMs: 0, inode: 1, isDirectory: false }),
    open: () => Promise.resolve(file as DiskFile),
  };
}

async function found(disk: Pick<Disk, "open" | "stat">): Promise<Found> {
  const answer = await new FileSource("file:///x", disk).ask(askFor("zip"), never);
  if (answer.kind !== "found") return assert.fail(answer.kind);
  return answer;
}

test("a file that cannot be read to its end is broken off, and closed", async () => {
  const disk = faultyDisk(() => Promise.reject(Object.assign(new Error("bad sector"), { code: "EIO" })));
  const answer = await found(disk);
  await assert.rejects(bodyText({ ...answer.body, upstream: "disk" }), /bad sector/);
  assert.deepEqual([answer.brokenBy()?.kind, answer.brokenBy()?.reason], ["unreachable", "cannot be read (EIO)"]);
  await answer.done;
  assert.equal(disk.isClosed(), true);

  const short = await found(faultyDisk(() => Promise.resolve(new Uint8Array(0))));
  await assert.rejects(bodyText({ ...short.body, upstream: "disk" }), /ends at byte 0 of 10/);
});

test("a file that nobody reads is closed by cancel", async () => {
  const disk = faultyDisk(() => Promise.resolve(new Uint8Array(1)));
  const answer = await found(disk);
  answer.cancel();
  await answer.done;
  assert.equal(disk.isClosed(), true);
});

test("permission denied refuses, as go takes it", async () => {
  const denied = Object.assign(new Error("permission denied"), { code: "EACCES" });
  const disk = { ...faultyDisk(() => Promise.resolve(new Uint8Array(0))), open: () => Promise.reject(denied) };
  const answer = await new FileSource("file:///x", disk).ask(askFor("zip"), never);
  assert.equal(answer.kind === "failed" ? answer.failure.kind : answer.kind, "denied");
});
