import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkModulePath, unescapeModulePath, unescapeVersion } from "../gomod/path.ts";
import { compareVersions, isCanonicalVersion } from "../gomod/version.ts";
import { Problem } from "../kernel/problem.ts";
import {
  type CachedVersion,
  type CacheFile,
  cacheFiles,
  labelOf,
  type ModuleVersion,
  unpackedPath,
} from "./cached-version.ts";

interface Found extends ModuleVersion {
  readonly files: Set<CacheFile>;
  hasFolder: boolean;
}

/**
 * Every version of which a module cache has anything, in order. Reads the folders of paths and of files alone, and
 * walks into no unpacked one. What `go` has not put there is passed over. USAGE where the cache cannot be read.
 */
export async function listCachedVersions(root: string, signal: AbortSignal): Promise<readonly CachedVersion[]> {
  const found = new Map<string, Found>();
  const of = (escapedModule: string, escapedVersion: string): Found | null => {
    const version = readVersion(escapedModule, escapedVersion);
    if (version === null) return null;
    const known = found.get(labelOf(version)) ?? { ...version, files: new Set(), hasFolder: false };
    found.set(labelOf(version), known);
    return known;
  };
  await readable(root);
  for await (const { path, name } of below(root, "", signal)) {
    const at = name.lastIndexOf("@");
    const version = of(path === "" ? name.slice(0, at) : `${path}/${name.slice(0, at)}`, name.slice(at + 1));
    if (version) version.hasFolder = true;
  }
  for await (const { path, name } of below(join(root, "cache/download"), "", signal)) {
    if (name !== "@v") continue;
    for (const file of await entriesOf(join(root, "cache/download", path, name))) {
      const dot = file.name.lastIndexOf(".");
      const kind = cacheFiles.find((known) => known === file.name.slice(dot + 1));
      if (kind && file.isFile()) of(path, file.name.slice(0, dot))?.files.add(kind);
    }
  }
  // A folder behind a link is not walked into, and go uses it all the same.
  for (const version of found.values()) {
    if (!version.hasFolder && version.files.has("mod")) version.hasFolder = await isFolder(unpackedPath(root, version));
  }
  return [...found.values()].sort(
    (left, right) => compareText(left.module, right.module) || compareVersions(left.version, right.version),
  );
}

/** The folders whose names have an @, without a look into them, in folders of path elements. */
async function* below(
  root: string,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<{ readonly path: string; readonly name: string }> {
  signal.throwIfAborted();
  for (const entry of await entriesOf(join(root, path))) {
    const isLink = entry.isSymbolicLink() && entry.name.includes("@");
    if (!entry.isDirectory() && !(isLink && (await isFolder(join(root, path, entry.name))))) continue;
    if (entry.name.includes("@")) yield { path, name: entry.name };
    // `cache` has the files, `sumdb` the answers of the checksum database: no module path begins so, it has no dot.
    else if (path !== "" || entry.name.includes(".")) {
      yield* below(root, path === "" ? entry.name : `${path}/${entry.name}`, signal);
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    // Removed meanwhile, or never made.
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function readable(root: string): Promise<void> {
  try {
    await readdir(root);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Problem("USAGE", `Cannot read the module cache: ${reason}`, {
      cause,
      hint: "`go env GOMODCACHE` says where it is; --modcache FOLDER names another",
    });
  }
}

function readVersion(escapedModule: string, escapedVersion: string): ModuleVersion | null {
  try {
    const version = unescapeVersion(escapedVersion);
    const module = unescapeModulePath(escapedModule);
    return isCanonicalVersion(version) && checkModulePath(module) === null ? { module, version } : null;
  } catch {
    // No name that go gives to anything.
    return null;
  }
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
