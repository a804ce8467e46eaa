import { findZipDirectory } from "./zip-end.ts";
import { readZipEntries, type ZipEntry } from "./zip-entries.ts";
import { checkFilePath, FilePathCollisions } from "./zip-file-path.ts";
import { viewOf, ZipReads, type ZipSource } from "./zip-reads.ts";

const mebibyte = 1 << 20;
const maxZipBytes = 500 * mebibyte;
const maxGoModBytes = 16 * mebibyte;
const maxLicenseBytes = 16 * mebibyte;
// Some 400,000 files. Go has no such limit, but a zip may not cost the gateway its memory.
const maxDirectoryBytes = 64 * mebibyte;
const localHeaderLength = 30;

/**
 * Checks that a zip is whole and that `go` will unpack it: it has its central directory, every entry
 * lies within it under `MODULE@VERSION/` with a well-formed path, none collides with another, and all
 * of them together are at most 500 MiB, golang.org/toolchain included. Reads the end and the two
 * outermost local headers alone, so a changed byte within a file's data is not seen. Memory grows with
 * the names, never with the content. Throws UPSTREAM_DAMAGED with the reason.
 * https://pkg.go.dev/golang.org/x/mod/zip (CheckZip), GO-FACTS A.3
 */
export async function checkZip(source: ZipSource, module: string, version: string): Promise<{ files: number }> {
  const label = `${module}@${version}`;
  const zip = new ZipReads(source, label);
  if (zip.size > maxZipBytes) throw zip.damaged(`it is larger than ${maxZipBytes} bytes`);
  const directory = await findZipDirectory(zip);
  if (directory.end - directory.start > maxDirectoryBytes) {
    throw zip.damaged(`its central directory is larger than ${maxDirectoryBytes} bytes`);
  }
  const rules = new EntryRules(`${label}/`, directory.start - directory.base);
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
  for (const entry of new Set([first, last])) {
    if (entry) await checkLocalHeader(zip, directory.base + entry.offset);
  }
  return { files: rules.files };
}

async function checkLocalHeader(zip: ZipReads, position: number): Promise<void> {
  const header = await zip.exactly(position, localHeaderLength);
  if (viewOf(header).getUint32(0, true) !== 0x04034b50) {
    throw zip.damaged(`there is no file where its directory says, at byte ${position}`);
  }
}

/** The rules for one entry after another of the same zip. */
class EntryRules {
  files = 0;
  readonly #prefix: string;
  readonly #dataEnd: number;
  readonly #collisions = new FilePathCollisions();
  #totalBytes = 0;

  constructor(prefix: string, dataEnd: number) {
    this.#prefix = prefix;
    this.#dataEnd = dataEnd;
  }

  /** What is wrong with it; null where nothing is. */
  check(entry: ZipEntry): string | null {
    const name = entry.name;
    if (name === null) return "it has a file name that is not UTF-8";
    if (!name.startsWith(this.#prefix)) return `unexpected file ${shown(name)}, not below ${shown(this.#prefix)}`;
    if (entry.offset + localHeaderLength + entry.compressedBytes > this.#dataEnd) {
      return `the content of ${shown(name)} would reach beyond its end`;
    }
    const rest = name.slice(this.#prefix.length);
    const isDirectory = rest === "" || rest.endsWith("/");
    if (isDirectory && entry.uncompressedBytes > 0) return `the directory ${shown(name)} has content`;
    if (rest === "") return null;
    const path = isDirectory ? rest.slice(0, -1) : rest;
    const fault = checkFilePath(path) ?? this.#collisions.check(path, isDirectory);
    if (fault !== null) return `malformed file path ${shown(name)}: ${fault}`;
    return isDirectory ? null : this.#checkFile(entry, path);
  }

  #checkFile(entry: ZipEntry, path: string): string | null {
    const size = entry.uncompressedBytes;
    this.files++;
    this.#totalBytes += size;
    if (entry.method !== 0 && entry.method !== 8) return `${shown(path)} has unsupported compression ${entry.method}`;
    if (/(?:^|\/)go\.mod$/i.test(path)) {
      if (path.includes("/")) return `${shown(path)}: go.mod file not in module root directory`;
      if (path !== "go.mod") return `${shown(path)}: go.mod files must have lowercase names`;
      if (size > maxGoModBytes) return `go.mod file too large (max size is ${maxGoModBytes} bytes)`;
    }
    if (path === "LICENSE" && size > maxLicenseBytes) {
      return `LICENSE file too large (max size is ${maxLicenseBytes} bytes)`;
    }
    if (this.#totalBytes > maxZipBytes) {
      return `total uncompressed size of module contents too large (max size is ${maxZipBytes} bytes)`;
    }
    return null;
  }
}

function shown(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
}
