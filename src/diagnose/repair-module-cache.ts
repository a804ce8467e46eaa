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

/** What a repair would remove. */
export interface PlannedRemoval {
  readonly module: string;
  readonly version: string;
  readonly paths: readonly string[];
}

/** What a repair would remove of a version, as far as it is there. */
export async function plannedRemoval(root: string, { cached, findings }: SpoiltVersion): Promise<PlannedRemoval> {
  const { module, version } = cached;
  return { module, version, paths: await pathsToRemove(root, cached, spoiltOf(findings)) };
}

/**
 * Removes what is spoilt, version by version under go's own locks, fetches it anew with `go`, and looks at it again.
 * A version that comes as spoilt as it was is removed again: nothing unproved is left. Everything else in the cache
 * stays as it is. GO_FAILED where the locks cannot be taken, STORE_FAILED where something cannot be removed; what was
 * removed until then stays so, and `go` fetches it when it needs it.
 */
export async function repairModuleCache(
  parts: RepairParts,
  spoilt: readonly SpoiltVersion[],
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (done: number, total: number) => void },
): Promise<readonly Repaired[]> {
  await using locks = await CacheLocks.start(parts.go, signal);
  const repair = new Repair(parts, locks, signal);
  const repaired: Repaired[] = [];
  for (let start = 0; start < spoilt.length; start += atOnce) {
    const some = spoilt.slice(start, start + atOnce);
    const removed: (readonly string[])[] = [];
    for (const { cached, findings } of some) removed.push(await repair.remove(cached, findings));
    const said = await repair.refetch(some);
    for (const [index, one] of some.entries()) {
      const { module, version } = one.cached;
      const outcome = await repair.prove(one, said, some.length === 1);
      repaired.push({ module, version, removed: removed[index] ?? [], ...outcome });
      onProgress(repaired.length, spoilt.length);
    }
  }
  return repaired;
}

class Repair {
  readonly #parts: RepairParts;
  readonly #locks: CacheLocks;
  readonly #signal: AbortSignal;

  constructor(parts: RepairParts, locks: CacheLocks, signal: AbortSignal) {
    this.#parts = parts;
    this.#locks = locks;
    this.#signal = signal;
  }

  async remove(cached: CachedVersion, findings: readonly CacheFinding[]): Promise<readonly string[]> {
    const { root } = this.#parts;
    // In this order go never waits for the one while it holds the other.
    await using _version = await this.#locks.lock(cacheFilePath(root, cached, "lock"), this.#signal);
    await using _cache = await this.#locks.lock(join(root, "cache/lock"), this.#signal);
    return await removeVersion(root, cached, spoiltOf(findings));
  }

  refetch(some: readonly SpoiltVersion[]): Promise<string> {
    return refetchVersions(this.#parts.go, some.map(refetchOf), this.#signal);
  }

  async prove(one: SpoiltVersion, said: string, isAlone: boolean): Promise<Pick<Repaired, "left" | "reason">> {
    const { cached, known, findings } = one;
    const looked = await lookAgain(this.#parts.root, cached);
    const facts = await gatherFacts(this.#parts, looked, this.#signal);
    const left = judgeVersion(facts, known).filter(({ spoilt }) => spoilt !== null);
    if (left.length === 0 && !isMissing(looked, spoiltOf(findings))) return { left, reason: "" };
    // One version that go refuses ends the whole run: what came with it gets a run of its own.
    if (!isAlone) return this.prove(one, await this.refetch([one]), true);
    if (left.length > 0) await this.remove(looked, left);
    const reason = said === "" ? `go did not bring ${labelOf(cached)}` : said;
    return { left: left.length > 0 ? left : findings, reason };
  }
}

/** True where something that was removed has not come back. */
function isMissing(now: CachedVersion, removed: ReadonlySet<Spoilt>): boolean {
  const { files, hasFolder } = now;
  const isGone: Readonly<Record<Spoilt, boolean>> = {
    code: !(files.has("zip") && files.has("ziphash") && hasFolder),
    folder: !hasFolder,
    ziphash: !files.has("ziphash"),
    mod: !files.has("mod"),
    info: !files.has("info"),
  };
  return [...removed].some((kind) => isGone[kind]);
}

function refetchOf({ cached, known }: SpoiltVersion): Refetch {
  const wantsCode = cached.hasFolder || cached.files.has("zip");
  return { module: cached.module, version: cached.version, known, wantsCode };
}

function spoiltOf(findings: readonly CacheFinding[]): ReadonlySet<Spoilt> {
  return new Set(findings.flatMap(({ spoilt }) => spoilt ?? []));
}
