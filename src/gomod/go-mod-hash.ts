import { createHash } from "node:crypto";

/** The h1 of a go.mod, as a `/go.mod` line of go.sum has it. https://pkg.go.dev/golang.org/x/mod/sumdb/dirhash#Hash1 */
export function goModHash(bytes: Uint8Array): string {
  return h1Of([{ name: "go.mod", sha256: createHash("sha256").update(bytes).digest("hex") }]);
}

/** The h1 over files by name: sorted as Go sorts strings, by their bytes. */
export function h1Of(files: readonly { readonly name: string; readonly sha256: string }[]): string {
  const lines = files.map(({ name, sha256 }) => ({ name: Buffer.from(name), sha256 }));
  lines.sort((left, right) => Buffer.compare(left.name, right.name));
  const hash = createHash("sha256");
  for (const { name, sha256 } of lines) hash.update(`${sha256}  `).update(name).update("\n");
  return `h1:${hash.digest("base64")}`;
}
