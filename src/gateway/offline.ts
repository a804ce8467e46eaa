import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Config } from "../config/config.ts";
import { escapeVersion } from "../gomod/path.ts";
import { infoKey, modKey, zipKey } from "../gomod/keys.ts";
import { compareVersions, isPseudoVersion, latestOf } from "../gomod/version.ts";
import type { Store, StoredFile } from "../ports/store.ts";
import { fileFromBytes } from "./artifact.ts";
import type { FileRequest } from "./errand.ts";

interface OfflineParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly config: Config;
}

/**
 * What the cache alone can say. Version files as they are; list and @latest from the versions whose files are
 * really here when the gateway is offline, since a version that only a kept list names could not be served.
 * NOT_IN_CACHE where there is nothing.
 */
export async function answerFromCacheAlone(
  parts: OfflineParts,
  request: FileRequest,
  file: StoredFile | null,
): Promise<StoredFile> {
  const isOffline = parts.config.network === "offline";
  const asksLatest = request.kind === "latest" || (request.kind === "query" && request.query === "latest");
  if (file !== null && !(isOffline && (request.kind === "list" || asksLatest))) return file;
  if (request.kind !== "list" && !asksLatest) throw notInCache(request, isOffline);

  const versions = await versionsHere(parts.store, request.escapedModule);
  if (versions.length === 0) throw notInCache(request, isOffline);
  if (request.kind === "list") {
    const tagged = versions.filter((version) => !isPseudoVersion(version)).sort(compareVersions);
    return fileFromBytes(request.key, Buffer.from(tagged.map((version) => `${version}\n`).join("")), parts.clock.now());
  }
  const latest = latestOf(versions);
  const info = latest && (await parts.store.find(infoKey(request.escapedModule, escapeVersion(latest))));
  if (!info) throw notInCache(request, isOffline);
  return info;
}

/**
 * Versions with all three files. Looking for updates leaves .info and .mod of versions that nobody ever built; `go`
 * would choose one of those and then miss its zip. They count only where there is nothing better.
 */
async function versionsHere(store: Store, escapedModule: string): Promise<readonly string[]> {
  const known = await store.versionsOf(escapedModule);
  const isHere = async (version: string): Promise<boolean> => {
    const escaped = escapeVersion(version);
    return (
      (await store.find(modKey(escapedModule, escaped))) !== null &&
      (await store.find(zipKey(escapedModule, escaped))) !== null
    );
  };
  const whole: string[] = [];
  for (const version of known) if (await isHere(version)) whole.push(version);
  return whole.length > 0 ? whole : known;
}

function notInCache(request: FileRequest, isOffline: boolean): Problem {
  const why = isOffline ? "this gateway is offline (network: offline)" : "the request asked for the cache alone";
  return new Problem("NOT_IN_CACHE", `${request.key} is not in the cache, and ${why}`);
}
