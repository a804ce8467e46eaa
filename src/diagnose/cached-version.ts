import { join } from "node:path";
import { escapeModulePath, escapeVersion } from "../gomod/path.ts";

/** What the module cache keeps of a version beside the folder that it is unpacked into. */
export const cacheFiles = ["info", "mod", "zip", "ziphash", "partial", "lock"] as const;
export type CacheFile = (typeof cacheFiles)[number];

/** A version of which something is in the module cache. */
export interface CachedVersion {
  readonly module: string;
  readonly version: string;
  readonly files: ReadonlySet<CacheFile>;
  /** True where there is a folder of that name, whole or not. */
  readonly hasFolder: boolean;
}

/** A version, as messages and command lines name it. */
export type ModuleVersion = Pick<CachedVersion, "module" | "version">;

export function labelOf({ module, version }: ModuleVersion): string {
  return `${module}@${version}`;
}

/** Where the module cache keeps a file of a version. https://go.dev/ref/mod#module-cache */
export function cacheFilePath(root: string, { module, version }: ModuleVersion, file: CacheFile): string {
  return join(root, "cache/download", escapeModulePath(module), "@v", `${escapeVersion(version)}.${file}`);
}

/** Where a version is unpacked. */
export function unpackedPath(root: string, { module, version }: ModuleVersion): string {
  return join(root, `${escapeModulePath(module)}@${escapeVersion(version)}`);
}
