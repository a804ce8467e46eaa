import { chmod, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, basename, join } from "node:path";
import { type CacheFile, cacheFilePath, type ModuleVersion, unpackedPath } from "./cached-version.ts";
import type { Spoilt } from "./cache-finding.ts";

/** What goes where something is spoilt. `partial` and `lock` are go's own marks, and info and mod are good without. */
const filesOf: Readonly<Record<Spoilt, readonly CacheFile[]>> = {
  code: ["zip", "ziphash"],
  mod: ["mod"],
  info: ["info"],
};

/** The paths that removeVersion() removes, whether they are there or not. */
export function pathsToRemove(root: string, version: ModuleVersion, spoilt: ReadonlySet<Spoilt>): string[] {
  const files = [...spoilt].flatMap((kind) => filesOf[kind].map((file) => cacheFilePath(root, version, file)));
  return spoilt.has("code") ? [unpackedPath(root, version), ...files] : files;
}

/**
 * Removes what is spoilt of a version, read-only files and folders too, and nothing else. Whoever calls holds the
 * version's lock. Ended at any point, it leaves what `go` cleans up: the mark of an unfinished folder stands from
 * before its first file goes until its last is gone.
 */
export async function removeVersion(root: string, version: ModuleVersion, spoilt: ReadonlySet<Spoilt>): Promise<void> {
  const isCode = spoilt.has("code");
  const mark = cacheFilePath(root, version, "partial");
  if (isCode) await writeFile(mark, "");
  for (const path of pathsToRemove(root, version, spoilt)) await removeAll(path);
  if (!isCode) return;
  await removeUnfinished(cacheFilePath(root, version, "zip"));
  await rm(mark, { force: true });
}

/** What a download left behind that `go` stopped by a SECURITY ERROR (GO-FACTS E). */
async function removeUnfinished(zip: string): Promise<void> {
  const folder = dirname(zip);
  for (const name of await readdir(folder)) {
    if (name.startsWith(basename(zip)) && /^\d+\.tmp$/.test(name.slice(basename(zip).length))) {
      await rm(join(folder, name), { force: true });
    }
  }
}

/** go makes what it unpacks read-only: nothing can be removed from such a folder. */
async function removeAll(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await makeWritable(path);
    await rm(path, { recursive: true, force: true });
  }
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
  }
}
