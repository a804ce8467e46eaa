import { unescapeModulePath, unescapeVersion } from "../gomod/path.ts";
import { isCanonicalVersion } from "../gomod/version.ts";
import { Problem } from "../kernel/problem.ts";
import type { FileKey } from "../ports/store.ts";
import { isSafeKey } from "./data-folder.ts";

/** What a place in the file tree holds. */
export type CachePlace =
  | { readonly kind: "info" | "mod" | "zip"; readonly module: string; readonly version: string }
  | { readonly kind: "list" | "latest" | "query"; readonly module: string; readonly version: null }
  | { readonly kind: "sumdb" | "vulndb"; readonly module: null; readonly version: null };

/**
 * What a key stands for in the layout of GOMODCACHE/cache/download, by the rules for module paths and
 * versions; null where the layout has no such place.
 */
export function placeOf(key: FileKey): CachePlace | null {
  if (!isSafeKey(key)) return null;
  if (key.startsWith("sumdb/")) return isSumdbKey(key) ? { kind: "sumdb", module: null, version: null } : null;
  if (key.startsWith("vulndb/")) return isVulndbKey(key) ? { kind: "vulndb", module: null, version: null } : null;
  try {
    return modulePlace(key);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

/** True for a file of a canonical version. What a checksum database said may be taken back, when it is reset. */
export function isVersionKey(key: FileKey): boolean {
  return placeOf(key)?.version != null;
}

function modulePlace(key: FileKey): CachePlace | null {
  if (key.endsWith("/@latest")) {
    return { kind: "latest", module: unescapeModulePath(key.slice(0, -"/@latest".length)), version: null };
  }
  const at = key.indexOf("/@v/");
  if (at < 0) return null;
  const module = unescapeModulePath(key.slice(0, at));
  const file = key.slice(at + 4);
  if (file === "list") return { kind: "list", module, version: null };
  const dot = file.lastIndexOf(".");
  const extension = file.slice(dot + 1);
  if (dot <= 0 || (extension !== "info" && extension !== "mod" && extension !== "zip")) return null;
  const version = unescapeVersion(file.slice(0, dot));
  if (isCanonicalVersion(version)) return { kind: extension, module, version };
  return extension === "info" ? { kind: "query", module, version: null } : null;
}

// https://go.dev/doc/security/vuln/database#api
function isVulndbKey(key: FileKey): boolean {
  return /^vulndb\/(?:index\/(?:db|modules|vulns)|ID\/GO-\d{4}-\d{1,9})\.json$/.test(key);
}

// sumdb/NAME/supported|latest|lookup/MODULE@VERSION|tile/H/L/NNN[.p/W], where NAME may hold slashes.
// https://go.dev/ref/mod#checksum-database
function isSumdbKey(key: FileKey): boolean {
  const name = "sumdb/[a-z0-9][a-z0-9.-]*(?::[0-9]+)?(?:/[A-Za-z0-9._~-]+)*?";
  const tile = "tile/[0-9]+/(?:[0-9]+|data)/(?:x[0-9]{3}/)*[0-9]{3}(?:\\.p/[0-9]+)?";
  return new RegExp(`^${name}/(?:supported|latest|lookup/[^@]+@[^/@]+|${tile})$`).test(key);
}
