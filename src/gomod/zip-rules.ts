import { quote } from "./quote.ts";
import { checkModulePath } from "./path.ts";
import { fitsPathMajor } from "./path-major.ts";
import { isCanonicalVersion } from "./version.ts";
import type { ZipEntry } from "./zip-entries.ts";
import { checkFilePath, FilePathCollisions } from "./zip-file-path.ts";

const mebibyte = 1 << 20;
/** The largest zip, and the largest content of one, that `go` takes; golang.org/toolchain included. */
export const maxZipBytes = 500 * mebibyte;
const maxGoModBytes = 16 * mebibyte;
const maxLicenseBytes = 16 * mebibyte;
/** Of the header that stands before the name of each file. */
export const localHeaderLength = 30;

/** Why nothing can be a zip of this version: its path or version breaks the rules. Null where both are fine. */
export function checkZipVersion(module: string, version: string): string | null {
  if (!isCanonicalVersion(version)) return `${quote(version)} is no canonical version`;
  const fault = checkModulePath(module);
  if (fault !== null) return `${quote(module)} is no module path: it has ${fault}`;
  return fitsPathMajor(module, version) ? null : `no version ${version} can be one of the module path ${module}`;
}

/**
 * What `go` demands of the entries of a module zip, asked for one after another of the same zip.
 * https://pkg.go.dev/golang.org/x/mod/zip#CheckZip
 */
export class ZipRules {
  /** Files so far, without directories. */
  files = 0;
  /** Content of those files, as the central directory says. */
  totalBytes = 0;
  readonly #prefix: string;
  readonly #dataEnd: number;
  readonly #collisions = new FilePathCollisions();

  /** `dataEnd`: where the central directory begins, from the start of the zip proper. */
  constructor(label: string, dataEnd: number) {
    this.#prefix = `${label}/`;
    this.#dataEnd = dataEnd;
  }

  /** What is wrong with it; null where nothing is. */
  check(entry: ZipEntry): string | null {
    const name = entry.name;
    if (name === null) return "it has a file name that is not UTF-8";
    if (!name.startsWith(this.#prefix)) return `unexpected file ${shown(name)}, not below ${shown(this.#prefix)}`;
    const rest = name.slice(this.#prefix.length);
    const isDirectory = rest === "" || rest.endsWith("/");
    if (isDirectory && entry.uncompressedBytes > 0) return `the directory ${shown(name)} has content`;
    // What some writers store for a directory is never read.
    const contentBytes = isDirectory ? 0 : entry.compressedBytes;
    if (entry.offset + localHeaderLength + contentBytes > this.#dataEnd) {
      return `the content of ${shown(name)} would reach beyond its end`;
    }
    if (rest === "") return null;
    const path = isDirectory ? rest.slice(0, -1) : rest;
    const fault = checkFilePath(path) ?? this.#collisions.check(path, isDirectory);
    if (fault !== null) return `malformed file path ${shown(name)}: ${fault}`;
    return isDirectory ? null : this.#checkFile(entry, path);
  }

  #checkFile(entry: ZipEntry, path: string): string | null {
    const size = entry.uncompressedBytes;
    this.files++;
    this.totalBytes += size;
    if (entry.method !== 0 && entry.method !== 8) return `${shown(path)} has unsupported compression ${entry.method}`;
    if (/(?:^|\/)go\.mod$/i.test(path)) {
      if (path.includes("/")) return `${shown(path)}: go.mod file not in module root directory`;
      if (path !== "go.mod") return `${shown(path)}: go.mod files must have lowercase names`;
      if (size > maxGoModBytes) return `go.mod file too large (max size is ${maxGoModBytes} bytes)`;
    }
    if (path === "LICENSE" && size > maxLicenseBytes) {
      return `LICENSE file too large (max size is ${maxLicenseBytes} bytes)`;
    }
    if (this.totalBytes > maxZipBytes) {
      return `total uncompressed size of module contents too large (max size is ${maxZipBytes} bytes)`;
    }
    return null;
  }
}

function shown(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
}
