import { createHash } from "node:crypto";
import type { StoredFile } from "../ports/store.ts";
import type { NoteSigner } from "../sumdb/note-signer.ts";
import { tarBlock, tarPadding, writeTarHeader } from "../store/tar-format.ts";
import { type BundleFile, digestOf, type Manifest, manifestName, noteName, signManifest } from "./manifest.ts";

/** What goes into a bundle, by its place in the file tree. */
export type BundleContent = ReadonlyMap<string, Buffer | StoredFile>;

/** A file of the bundle that this one is a delta to. */
type Inherited = ReadonlyMap<string, Pick<BundleFile, "size" | "sha256">>;

/** The files of a manifest: hashed, and those that the earlier bundle has exactly so marked as not here. */
export async function describeFiles(content: BundleContent, inherited: Inherited): Promise<BundleFile[]> {
  const files: BundleFile[] = [];
  for (const [path, file] of content) {
    const sha256 = Buffer.isBuffer(file) ? digestOf(file) : await digestOfFile(file);
    const size = Buffer.isBuffer(file) ? file.length : file.size;
    const before = inherited.get(path);
    files.push({ path, size, sha256, isHere: before?.sha256 !== sha256 || before.size !== size });
  }
  return files;
}

/** The archive: a plain tar of the signed manifest and the files that are here, in the manifest's order. */
export async function* writeBundle(
  manifest: Manifest,
  content: BundleContent,
  signer: NoteSigner,
): AsyncGenerator<Uint8Array> {
  const { json, note } = signManifest(manifest, signer);
  const modifiedAtMs = Date.parse(manifest.createdAt);
  yield* entry(noteName, note, modifiedAtMs);
  yield* entry(manifestName, json, modifiedAtMs);
  for (const { path, isHere } of manifest.files) {
    const file = content.get(path);
    if (isHere && file !== undefined) yield* entry(path, file, modifiedAtMs);
  }
  yield Buffer.alloc(2 * tarBlock);
}

async function* entry(name: string, file: Buffer | StoredFile, modifiedAtMs: number): AsyncGenerator<Uint8Array> {
  const size = Buffer.isBuffer(file) ? file.length : file.size;
  yield writeTarHeader({ name, size, modifiedAtMs, type: "0" });
  if (Buffer.isBuffer(file)) yield file;
  // Whoever takes the tar may keep chunks for a while; the store fills its own again.
  else for await (const chunk of file.stream()) yield Buffer.from(chunk);
  yield tarPadding(size);
}

async function digestOfFile(file: StoredFile): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of file.stream()) hash.update(chunk);
  return hash.digest("hex");
}
