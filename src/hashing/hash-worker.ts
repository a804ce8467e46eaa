import { closeSync, fstatSync, openSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { Problem } from "../kernel/problem.ts";
import type { ZipToHash } from "../ports/hasher.ts";
import { hashFolder } from "./hash-folder.ts";
import type { HashJob, HashOutcome, HashThreadData } from "./hash-job.ts";
import { hashZip, type ZipHash } from "./hash-zip.ts";
import { bytesSource, FileSource } from "./zip-sources.ts";

// The body of a hashing thread: takes one job after another, in their order, and answers each.
const { flags } = workerData as HashThreadData;
let last: Promise<void> = Promise.resolve();

class Abandoned extends Error {}

parentPort?.on("message", (job: HashJob) => {
  last = last.then(async () => parentPort?.postMessage(await outcomeOf(job)));
});

async function outcomeOf({ id, work, slot }: HashJob): Promise<HashOutcome> {
  const checkpoint = (): void => {
    if (Atomics.load(flags, slot) === 1) throw new Abandoned();
  };
  try {
    checkpoint();
    const hash = work.kind === "zip" ? await hashOf(work.zip, checkpoint) : hashFolder(work.folder, checkpoint);
    return { id, kind: "hashed", hash: { fault: null, ...hash } };
  } catch (error) {
    if (error instanceof Abandoned) return { id, kind: "abandoned" };
    return { id, kind: "failed", ...reasonOf(error) };
  }
}

async function hashOf({ content, ...version }: ZipToHash, checkpoint: () => void): Promise<ZipHash> {
  if (typeof content !== "string") return hashZip({ source: bytesSource(content), ...version }, checkpoint);
  const descriptor = openSync(content, "r");
  try {
    const source = new FileSource(descriptor, fstatSync(descriptor).size);
    return await hashZip({ source, ...version }, checkpoint);
  } finally {
    closeSync(descriptor);
  }
}

function reasonOf(error: unknown): { code: "UPSTREAM_DAMAGED" | "STORE_FAILED" | null; message: string } {
  if (error instanceof Problem && error.code === "UPSTREAM_DAMAGED") {
    return { code: error.code, message: error.message };
  }
  const message = error instanceof Error ? error.message : String(error);
  // System calls alone have a number.
  const isSystem = error instanceof Error && "errno" in error && typeof error.errno === "number";
  return { code: isSystem ? "STORE_FAILED" : null, message: isSystem ? `Cannot hash: ${message}` : message };
}
