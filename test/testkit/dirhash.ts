import { createHash } from "node:crypto";

/** A file of a module zip: its whole name, `path@version/` included, and its bytes. */
export interface ZipEntry {
  readonly name: string;
  readonly data: Uint8Array;
}

/**
 * The h1: hash of a set of files, as go.sum writes it.
 * https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#Hash1
 */
export function hash1(files: readonly ZipEntry[]): string {
  const summary = createHash("sha256");
  const sorted = [...files].sort((left, right) => Buffer.compare(Buffer.from(left.name), Buffer.from(right.name)));
  for (const file of sorted) {
    summary.update(`${createHash("sha256").update(file.data).digest("hex")}  ${file.name}\n`);
  }
  return `h1:${summary.digest("base64")}`;
}

/** The h1: hash of a go.mod file, the second line of each pair in go.sum. */
export function hashGoMod(goMod: Uint8Array): string {
  return hash1([{ name: "go.mod", data: goMod }]);
}
