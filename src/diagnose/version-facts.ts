import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { h1OfGoMod } from "../gomod/h1.ts";
import { parseInfo } from "../gomod/info.ts";
import { looksLikeModFile } from "../gomod/mod-file.ts";
import { quote } from "../gomod/quote.ts";
import { Problem } from "../kernel/problem.ts";
import type { Hashed, Hasher } from "../ports/hasher.ts";
import { type CachedVersion, type CacheFile, cacheFilePath, unpackedPath } from "./cached-version.ts";

/** What hashing something has shown. */
export type Content =
  | { readonly kind: "absent" }
  | { readonly kind: "hashed"; readonly h1: string; readonly bytes: number; readonly fault: string | null }
  /** It can have no h1, whoever reads it. */
  | { readonly kind: "broken"; readonly reason: string };

/** What is in the module cache of one version. */
export interface VersionFacts {
  readonly module: string;
  readonly version: string;
  readonly zip: Content;
  /** Absent also where go has not finished unpacking: it does so anew before it uses anything of it. */
  readonly folder: Content;
  /** As go reads it, without white space around; null where there is none. */
  readonly ziphash: string | null;
  readonly mod: Content;
  /** Why the .info is none; null where it is one, or where there is none. */
  readonly infoFault: string | null;
  /** What could not be read, for want of permission or by a failing disk; it counts as absent. */
  readonly unread: readonly string[];
}

/** Where to look, and who hashes. */
export interface FactSources {
  readonly root: string;
  readonly hasher: Hasher;
}

/** Looks at everything that the module cache has of a version. */
export async function gatherFacts(
  { root, hasher }: FactSources,
  cached: CachedVersion,
  signal: AbortSignal,
): Promise<VersionFacts> {
  const { module, version, files } = cached;
  const unread: string[] = [];
  const pathOf = (file: CacheFile): string => cacheFilePath(root, cached, file);
  const orUnread = async <T>(reading: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await reading();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Problem) || error.code !== "STORE_FAILED") throw error;
      unread.push(error.message);
      return null;
    }
  };
  const read = async (file: CacheFile): Promise<Buffer | null> =>
    files.has(file) ? orUnread(() => bytesAt(pathOf(file))) : null;
  const path = unpackedPath(root, cached);
  const isUnpacked = cached.hasFolder && !files.has("partial");
  const [zip, folder, mod, info, ziphash] = await Promise.all([
    files.has("zip")
      ? orUnread(() => contentOf(hasher.zipAsItIs({ module, version, content: pathOf("zip") }, signal)))
      : null,
    isUnpacked ? orUnread(() => contentOf(hasher.folder({ module, version, path }, signal))) : null,
    read("mod"),
    read("info"),
    read("ziphash"),
  ]);
  return {
    module,
    version,
    zip: zip ?? absent,
    folder: folder ?? absent,
    ziphash: ziphash?.toString("utf8").trim() ?? null,
    mod: mod === null ? absent : modContent(mod),
    infoFault: info === null ? null : faultOfInfo(info, version),
    unread,
  };
}

/** What the module cache has of a version now, for a look after something was changed. */
export async function lookAgain(root: string, { module, version }: CachedVersion): Promise<CachedVersion> {
  const isThere = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  const files = new Set<CacheFile>();
  for (const file of ["info", "mod", "zip", "ziphash", "partial"] as const) {
    if (await isThere(cacheFilePath(root, { module, version }, file))) files.add(file);
  }
  return { module, version, files, hasFolder: await isThere(unpackedPath(root, { module, version })) };
}

const absent: Content = { kind: "absent" };

async function contentOf(hashing: Promise<Hashed & { readonly fault?: string | null }>): Promise<Content> {
  try {
    const { h1, bytes, fault = null } = await hashing;
    return { kind: "hashed", h1, bytes, fault };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "UPSTREAM_DAMAGED") throw error;
    return { kind: "broken", reason: afterColon(error.message) };
  }
}

function modContent(bytes: Buffer): Content {
  const start = bytes.subarray(0, 40).toString("utf8");
  const fault = looksLikeModFile(bytes) ? null : bytes.length === 0 ? "it is empty" : `it starts with ${quote(start)}`;
  return { kind: "hashed", h1: h1OfGoMod(bytes), bytes: bytes.length, fault };
}

function faultOfInfo(bytes: Buffer, version: string): string | null {
  try {
    parseInfo(bytes, version);
    return null;
  } catch (error) {
    if (error instanceof Problem) return afterColon(error.message);
    throw error;
  }
}

// Messages of the readers name the version first, which findings have anyway.
function afterColon(message: string): string {
  return message.replace(/^[^:]*: /, "");
}

/**
 * Null where it was removed meanwhile. Blocks: these files are a few hundred bytes, and a round trip through the
 * threads of libuv for each costs ten times as much as the read.
 */
function bytesAt(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new Problem("STORE_FAILED", `Cannot read ${path}`, { cause: error });
  }
}
