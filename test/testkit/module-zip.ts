import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";
import type { ZipEntry } from "./dirhash.ts";

// The same bytes on each run: Go ignores the times inside a module zip.
const mtime = new Date(Date.UTC(2024, 0, 1));

/** A zip of these entries, in their order; the same entries give the same bytes. */
export async function zipOf(entries: readonly ZipEntry[], options: { compress?: boolean } = {}): Promise<Buffer> {
  const zip = new ZipFile();
  for (const entry of entries) {
    zip.addBuffer(Buffer.from(entry.data), entry.name, { mtime, mode: 0o100644, compress: options.compress ?? true });
  }
  zip.end();
  return buffer(zip.outputStream);
}
