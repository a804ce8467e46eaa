import { escapeModulePath, escapeVersion } from "./path.ts";

/** The place of a version's `.info`, and of a query's, in the file tree. https://go.dev/ref/mod#goproxy-protocol */
export function infoKey(escapedModule: string, escapedVersion: string): string {
  return `${escapedModule}/@v/${escapedVersion}.info`;
}

/** The place of a version's `.mod` in the file tree. */
export function modKey(escapedModule: string, escapedVersion: string): string {
  return `${escapedModule}/@v/${escapedVersion}.mod`;
}

/** The place of a version's `.zip` in the file tree. */
export function zipKey(escapedModule: string, escapedVersion: string): string {
  return `${escapedModule}/@v/${escapedVersion}.zip`;
}

/** The place of a module's list of versions in the file tree. */
export function listKey(escapedModule: string): string {
  return `${escapedModule}/@v/list`;
}

/** The place of a module's `@latest` in the file tree. */
export function latestKey(escapedModule: string): string {
  return `${escapedModule}/@latest`;
}

/** The path at which a proxy serves a version's file. */
export function versionFilePath(module: string, version: string, file: "info" | "mod" | "zip"): string {
  const key = { info: infoKey, mod: modKey, zip: zipKey }[file];
  return `/${key(escapeModulePath(module), escapeVersion(version))}`;
}
