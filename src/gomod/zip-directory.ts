import { findZipDirectory, type ZipDirectory } from "./zip-end.ts";
import { readZipEntries, type ZipEntry } from "./zip-entries.ts";
import { viewOf, ZipReads, type ZipSource } from "./zip-reads.ts";
import { checkZipVersion, localHeaderLength, maxZipBytes, ZipRules } from "./zip-rules.ts";

// Some 400,000 files. Go has no such limit, but a zip may not cost the gateway its memory.
const maxDirectoryBytes = 64 * 1024 * 1024;

/**
 * Checks that a zip is whole and that `go` will unpack it: it has its central directory, every entry
 * lies within it under `MODULE@VERSION/` with a well-formed path, none collides with another, and all
 * of them together are at most 500 MiB, golang.org/toolchain included. Reads the end and the two
 * outermost local headers alone, so a changed byte within a file's data is not seen. Memory grows with
 * the names, never with the content. Throws UPSTREAM_DAMAGED with the reason.
 * https://pkg.go.dev/golang.org/x/mod/zip (CheckZip), GO-FACTS A.3
 */
export async function checkZip(source: ZipSource, module: string, version: string): Promise<{ files: number }> {
  const zip = new ZipReads(source, `${module}@${version}`);
  const versionFault = checkZipVersion(module, version);
  if (versionFault !== null) throw zip.damaged(versionFault);
  const directory = await openZipDirectory(zip);
  const rules = rulesFor(zip, directory);
  let first: ZipEntry | undefined;
  let last: ZipEntry | undefined;
  for await (const entries of readZipEntries(zip, directory)) {
    for (const entry of entries) {
      const fault = rules.check(entry);
      if (fault !== null) throw zip.damaged(fault);
    }
    first ??= entries[0];
    last = entries.at(-1);
  }
  for (const entry of new Set([first, last])) if (entry) await localHeaderOf(zip, directory, entry);
  return { files: rules.files };
}

/** Where the central directory lies; UPSTREAM_DAMAGED where there is none, or where the zip or it is too large. */
export async function openZipDirectory(zip: ZipReads): Promise<ZipDirectory> {
  if (zip.size > maxZipBytes) throw zip.damaged(`it is larger than ${maxZipBytes} bytes`);
  const directory = await findZipDirectory(zip);
  if (directory.end - directory.start > maxDirectoryBytes) {
    throw zip.damaged(`its central directory is larger than ${maxDirectoryBytes} bytes`);
  }
  return directory;
}

/** The rules for the entries of this zip. */
export function rulesFor(zip: ZipReads, directory: ZipDirectory): ZipRules {
  return new ZipRules(zip.label, directory.start - directory.base);
}

/** Where the content of an entry begins, from the start of the file; UPSTREAM_DAMAGED where there is no entry. */
export async function localHeaderOf(zip: ZipReads, directory: ZipDirectory, entry: ZipEntry): Promise<number> {
  const position = directory.base + entry.offset;
  const header = viewOf(await zip.exactly(position, localHeaderLength));
  if (header.getUint32(0, true) !== 0x04034b50) {
    throw zip.damaged(`there is no file where its directory says, at byte ${position}`);
  }
  // Its own name and extra field may be longer than those of the central directory.
  return position + localHeaderLength + header.getUint16(26, true) + header.getUint16(28, true);
}
