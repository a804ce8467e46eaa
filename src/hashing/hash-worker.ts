import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import type { ZipSource } from "../gomod/zip-reads.ts";
import { Problem } from "../kernel/problem.ts";
import type { ZipContent } from "../ports/hasher.ts";
import { hashZip } from "./hash-zip.ts";
import type { HashJob, HashOutcome } from "./worker-hasher.ts";

// The body of a hashing thread: one zip after another. Nobody else waits for this thread, so it reads in place.
parentPort?.on("message", (job: HashJob) => {
  void outcomeOf(job).then((outcome) => parentPort?.postMessage(outcome));
});

async function outcomeOf({ id, content, label }: HashJob): Promise<HashOutcome> {
  try {
    return { id, h1: await hashContent(content, label), failure: null };
  } catch (error) {
    const isDamage = error instanceof Problem && error.code === "UPSTREAM_DAMAGED";
    const message = error instanceof Error ? error.message : String(error);
    return { id, h1: null, failure: { isDamage, message } };
  }
}

async function hashContent(content: ZipContent, label: string): Promise<string> {
  if ("bytes" in content) return hashZip(sourceOf(content.bytes), label);
  const fd = openSync(content.path, "r");
  try {
    return await hashZip({ size: fstatSync(fd).size, read: (position, length) => readAt(fd, position, length) }, label);
  } finally {
    closeSync(fd);
  }
}

function sourceOf(bytes: Uint8Array): ZipSource {
  return {
    size: bytes.length,
    read: (position, length) => Promise.resolve(bytes.subarray(position, position + length)),
  };
}

async function readAt(fd: number, position: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let got = 0;
  while (got < length) {
    const bytes = readSync(fd, buffer, got, length - got, position + got);
    if (bytes === 0) break;
    got += bytes;
  }
  return buffer.subarray(0, got);
}
