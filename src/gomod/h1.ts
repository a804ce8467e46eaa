import { createHash, hash } from "node:crypto";
import { Problem } from "../kernel/problem.ts";
import { quote } from "./quote.ts";

/** A file of a module: its name with `MODULE@VERSION/` in front, and the SHA-256 of its bytes in hexadecimal. */
export interface FileHash {
  readonly name: string;
  readonly sha256: string;
}

/**
 * The h1 of a set of files, as go.sum writes it: their names are sorted by their bytes. UPSTREAM_DAMAGED where a
 * name has a line feed, because then two sets could have one h1.
 * https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#Hash1
 */
export function h1Of(files: readonly FileHash[]): string {
  const summary = createHash("sha256");
  for (const { name, sha256 } of sortedByBytes(files)) {
    if (name.includes("\n")) throw new Problem("UPSTREAM_DAMAGED", `The file name ${quote(name)} has a line feed`);
    summary.update(`${sha256}  ${name}\n`);
  }
  return `h1:${summary.digest("base64")}`;
}

/** The h1 of a go.mod, the second of the two lines that a version has in go.sum. */
export function h1OfGoMod(goMod: Uint8Array): string {
  return h1Of([{ name: "go.mod", sha256: hash("sha256", goMod, "hex") }]);
}

// UTF-16 sorts as UTF-8 does where it has neither surrogates nor what stands above them.
const sortsOtherwise = /[\ud800-\uffff]/;

function sortedByBytes(files: readonly FileHash[]): FileHash[] {
  if (!files.some(({ name }) => sortsOtherwise.test(name))) {
    return files.toSorted((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
  }
  return files
    .map((file) => ({ file, bytes: Buffer.from(file.name) }))
    .sort((left, right) => Buffer.compare(left.bytes, right.bytes))
    .map(({ file }) => file);
}
