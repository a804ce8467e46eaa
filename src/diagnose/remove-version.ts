import { chmod, lstat, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, basename, join } from "node:path";
import { Problem } from "../kernel/problem.ts";
import { type CacheFile, cacheFilePath, type ModuleVersion, unpackedPath } from "./cached-version.ts";
import type { Spoilt } from "./cache-finding.ts";

/** What goes where something is spoilt. `partial` and `lock` are go's own marks, and info and mod are good without. */
const filesOf: Readonly<Record<Spoilt, readonly CacheFile[]>> = {
  code: ["zip", "ziphash"],
  folder: [],
  ziphash: ["ziphash"],
  mod: ["mod"],
  info: ["info"],
};

/** The paths that removeVersion() would remove: those of them that are there. */
export async function pathsToRemove(
  root: string,
  version: ModuleVersion,
  spoilt: ReadonlySet<Spoilt>,
): Promise<readonly string[]> {
  const files = [...spoilt].flatMap((kind) => filesOf[kind].map((file) => cacheFilePath(root, version, file)));
  const folder = takesFolder(spoilt) ? [unpackedPath(root, version)] : [];
  const there: string[] = [];
  for (const path of new Set([...folder, ...files])) {
    if (await lstat(path).catch(() => null)) there.push(path);
  }
  return there;
}

/**
 * Removes what is spoilt of a version, read-only files and folders too, and nothing else. Whoever calls holds the
 * version's lock. Ended at any point, it leaves what `go` cleans up: the mark of an unfinished folder stands from
 * before its first file goes until its last is gone. Gives the paths that are gone; STORE_FAILED where one cannot be
 * removed.
 */
export async function removeVersion(
  root: string,
  version: ModuleVersion,
  spoilt: ReadonlySet<Spoilt>,
): Promise<readonly string[]> {
  const paths = await pathsToRemove(root, version, spoilt);
  const mark = cacheFilePath(root, version, "partial");
  if (takesFolder(spoilt)) await writeFile(mark, "");
  for (const path of paths) await removeAll(path);
  if (spoilt.has("code")) await removeUnfinished(cacheFilePath(root, version, "zip"));
  if (takesFolder(spoilt)) await rm(mark, { force: true });
  return paths;
}

function takesFolder(spoilt: ReadonlySet<Spoilt>): boolean {
  return spoilt.has("code") || spoilt.has("folder");
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
    try {
      await makeWritable(path);
      await rm(path, { recursive: true, force: true });
    } catch (cause) {
      throw new Problem("STORE_FAILED", `Cannot remove ${path}`, {
        cause,
        hint: "run it as the user that owns the module cache",
      });
    }
  }
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
  }
}
