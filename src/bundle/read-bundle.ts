import { createHash } from "node:crypto";
import { Problem } from "../kernel/problem.ts";
import { readTar } from "../store/read-tar.ts";
import { type BundleFile, type Manifest, manifestName, noteName, openManifest } from "./manifest.ts";

/** What is done with each file of a bundle, while its content passes. */
export interface BundleVisitor {
  /** Once, before the files. */
  begin(manifest: Manifest): Promise<void> | void;
  /** Takes the content; what it throws ends the reading. */
  file(file: BundleFile, content: AsyncIterable<Uint8Array>): Promise<void>;
}

const maxManifestBytes = 256 * 1024 * 1024;

/**
 * Reads a bundle from its start to its end: the signature of the manifest first, then each file, whose size and SHA-256
 * must be the manifest's; nothing more and nothing less may be there. UPSTREAM_DAMAGED where something is not so.
 */
export async function readBundle(
  chunks: AsyncIterable<Uint8Array>,
  keys: readonly string[],
  visitor: BundleVisitor,
): Promise<Manifest> {
  let note: Buffer | null = null;
  let manifest: Manifest | null = null;
  let expected: readonly BundleFile[] = [];
  let next = 0;
  for await (const entry of readTar(chunks)) {
    if (note === null) {
      if (entry.name !== noteName) throw damaged(`it begins with ${quoted(entry.name)} instead of ${noteName}`);
      note = await wholeOf(entry.content);
    } else if (manifest === null) {
      if (entry.name !== manifestName) throw damaged(`${quoted(entry.name)} stands where ${manifestName} must`);
      manifest = openManifest(note, await wholeOf(entry.content), keys);
      expected = manifest.files.filter(({ isHere }) => isHere);
      await visitor.begin(manifest);
    } else {
      const file = expected[next++];
      if (file === undefined) throw damaged(`${quoted(entry.name)} is not in its manifest`);
      if (entry.name !== file.path) throw damaged(`${quoted(entry.name)} stands where ${quoted(file.path)} must`);
      if (entry.size !== file.size) throw damaged(`${file.path} has ${entry.size} bytes, not ${file.size}`);
      const hash = createHash("sha256");
      await visitor.file(file, tap(entry.content, hash));
      const got = hash.digest("hex");
      if (got !== file.sha256) throw damaged(`${file.path} has the SHA-256 ${got}, not ${file.sha256}`);
    }
  }
  if (manifest === null) throw damaged("it has no manifest");
  const missing = expected[next];
  if (missing !== undefined) throw damaged(`${missing.path} is missing`);
  return manifest;
}

/** The content, each piece of it hashed; the rest is hashed too where the taker stops early. */
async function* tap(
  content: AsyncIterable<Uint8Array>,
  hash: { update(piece: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
}

/** The bytes of a small entry. */
export async function wholeOf(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of content) {
    size += piece.length;
    if (size > maxManifestBytes) throw damaged("an entry that must be small is larger than 256 MiB");
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces);
}

function damaged(reason: string): Problem {
  return new Problem("UPSTREAM_DAMAGED", `The bundle cannot be believed: ${reason}`, {
    hint: "have it sent again; nothing of it was taken in",
  });
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
