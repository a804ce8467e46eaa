import { join } from "node:path";
import type { SpoiltVersion } from "./audit-module-cache.ts";
import type { CacheFinding, Spoilt } from "./cache-finding.ts";
import { CacheLocks } from "./cache-locks.ts";
import { cacheFilePath, type CachedVersion, labelOf } from "./cached-version.ts";
import type { GoCommand } from "../upstream/run-go.ts";
import { judgeVersion } from "./judge-version.ts";
import { type Refetch, refetchVersions } from "./refetch-versions.ts";
import { pathsToRemove, removeVersion } from "./remove-version.ts";
import { type FactSources, gatherFacts, lookAgain } from "./version-facts.ts";

export interface RepairParts extends FactSources {
  readonly go: GoCommand;
}

/** What became of a spoilt version. */
export interface Repaired {
  readonly module: string;
  readonly version: string;
  readonly removed: readonly string[];
  /** What is still wrong; empty where it was fetched and proved. */
  readonly left: readonly CacheFinding[];
  /** What go said where something is. */
  readonly reason: string;
}

const atOnce = 50;

/** What a repair would remove of a version. */
export function plannedRemovals(root: string, { cached, findings }: SpoiltVersion): string[] {
  return pathsToRemove(root, cached, spoiltOf(findings));
}

/**
 * Removes what is spoilt, version by version under go's own locks, fetches it anew with `go`, and looks at it again.
 * A version that comes as spoilt as it was is removed again: nothing unproved is left. Everything else in the cache
 * stays as it is. GO_FAILED where the locks cannot be taken; then nothing was removed.
 */
export async function repairModuleCache(
  parts: RepairParts,
  spoilt: readonly SpoiltVersion[],
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (done: number, total: number) => void },
): Promise<readonly Repaired[]> {
  await using locks = await CacheLocks.start(parts.go, signal);
  const repaired: Repaired[] = [];
  for (let start = 0; start < spoilt.length; start += atOnce) {
    const some = spoilt.slice(start, start + atOnce);
    for (const one of some) await remove(parts, locks, one, signal);
    const said = await refetchVersions(parts.go, some.map(refetchOf), signal);
    for (const one of some) {
      repaired.push(await prove(parts, locks, { one, said, isAlone: some.length === 1 }, signal));
      onProgress(repaired.length, spoilt.length);
    }
  }
  return repaired;
}

async function remove(
  { root }: RepairParts,
  locks: CacheLocks,
  { cached, findings }: Pick<SpoiltVersion, "cached" | "findings">,
  signal: AbortSignal,
): Promise<void> {
  // In this order go never waits for the one while it holds the other.
  await using _version = await locks.lock(cacheFilePath(root, cached, "lock"), signal);
  await using _cache = await locks.lock(join(root, "cache/lock"), signal);
  await removeVersion(root, cached, spoiltOf(findings));
}

async function prove(
  parts: RepairParts,
  locks: CacheLocks,
  { one, said, isAlone }: { readonly one: SpoiltVersion; readonly said: string; readonly isAlone: boolean },
  signal: AbortSignal,
): Promise<Repaired> {
  const { cached, known } = one;
  const wanted = spoiltOf(one.findings);
  const looked = await lookAgain(parts.root, cached);
  const facts = await gatherFacts(parts, looked, signal);
  const left = judgeVersion(facts, known).filter(({ spoilt }) => spoilt !== null);
  if (left.length === 0 && !isMissing(looked, wanted)) return outcome(parts, one, { left, reason: "" });
  // One version that go refuses ends the whole run: what came with it gets a run of its own.
  if (!isAlone) {
    const own = await refetchVersions(parts.go, [refetchOf(one)], signal);
    return prove(parts, locks, { one, said: own, isAlone: true }, signal);
  }
  if (left.length > 0) await remove(parts, locks, { cached, findings: left }, signal);
  const reason = said === "" ? `go did not bring ${labelOf(cached)}` : said;
  return outcome(parts, one, { left: left.length > 0 ? left : one.findings, reason });
}

/** True where something that was removed has not come back. */
function isMissing(now: CachedVersion, removed: ReadonlySet<Spoilt>): boolean {
  if (removed.has("code") && !(now.files.has("zip") && now.hasFolder)) return true;
  return (removed.has("mod") && !now.files.has("mod")) || (removed.has("info") && !now.files.has("info"));
}

function refetchOf({ cached, known }: SpoiltVersion): Refetch {
  const wantsCode = cached.hasFolder || cached.files.has("zip");
  return { module: cached.module, version: cached.version, known, wantsCode };
}

function outcome(
  { root }: RepairParts,
  one: SpoiltVersion,
  { left, reason }: Pick<Repaired, "left" | "reason">,
): Repaired {
  const { module, version } = one.cached;
  return { module, version, removed: plannedRemovals(root, one), left, reason };
}

function spoiltOf(findings: readonly CacheFinding[]): ReadonlySet<Spoilt> {
  return new Set(findings.flatMap(({ spoilt }) => spoilt ?? []));
}
