import { readdir, readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bytesSource } from "../hashing/zip-sources.ts";
import { hashFolder } from "../hashing/hash-folder.ts";
import { hashZip } from "../hashing/hash-zip.ts";
import type { LabFact } from "./lab-story.ts";
import type { LabModule } from "./lab-module.ts";

/**
 * What a module cache has of a version, hashed anew: the zip, the hash that go keeps beside it, and the unpacked
 * folder; `none` for each that is not there.
 */
export async function cachedFacts({ path: module, version }: LabModule, modCache: string): Promise<LabFact[]> {
  const downloads = join(modCache, "cache/download", module, "@v");
  const zip = await readFile(join(downloads, `${version}.zip`)).catch(() => null);
  const kept = await readFile(join(downloads, `${version}.ziphash`), "utf8").catch(() => null);
  const path = join(modCache, `${module}@${version}`);
  const goOn = (): void => {};
  return [
    {
      name: "zip in the cache",
      value: zip ? (await hashZip({ source: bytesSource(zip), module, version }, goOn)).h1 : none,
    },
    { name: "its .ziphash", value: kept?.trim() ?? none },
    { name: "unpacked folder", value: existsSync(path) ? hashFolder({ module, version, path }, goOn).h1 : none },
  ];
}

/** The names of what a download has left of a version, sorted; without go's lock files. */
export async function cachedFiles({ path, version }: LabModule, modCache: string): Promise<string[]> {
  const names = await readdir(join(modCache, "cache/download", path, "@v")).catch(() => []);
  return names.filter((name) => name.startsWith(version) && !name.endsWith(".lock")).toSorted();
}

const none = "none";
