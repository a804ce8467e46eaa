import type { Hasher } from "../ports/hasher.ts";
import { DatabaseAsker, type DatabaseQuestions } from "./ask-database.ts";
import { type CachedVersion } from "./cached-version.ts";
import { type CacheFinding, cacheFinding, sortFindings } from "./cache-finding.ts";
import { judgeVersion } from "./judge-version.ts";
import type { KnownHashes } from "./known-hashes.ts";
import { listCachedVersions } from "./list-cached-versions.ts";
import type { RecordedSums } from "./recorded-sums.ts";
import { type Content, gatherFacts } from "./version-facts.ts";

export interface AuditParts {
  /** GOMODCACHE. */
  readonly root: string;
  readonly hasher: Hasher;
  readonly sums: RecordedSums;
  /** Whom to ask, or why nobody is asked. */
  readonly database: Promise<DatabaseQuestions | string>;
}

/** A version with something wrong, and what it was compared with. */
export interface SpoiltVersion {
  readonly cached: CachedVersion;
  readonly known: KnownHashes;
  readonly findings: readonly CacheFinding[];
}

export interface AuditReport {
  readonly versions: number;
  readonly zips: number;
  readonly folders: number;
  readonly goMods: number;
  /** Of content hashed. */
  readonly bytes: number;
  readonly database: { readonly asked: number; readonly known: number };
  /** The worst first. */
  readonly findings: readonly CacheFinding[];
  /** Those that a repair can mend. */
  readonly spoilt: readonly SpoiltVersion[];
}

// Enough for every thread to have the next zip at hand; more would only hold open files.
const atOnce = 64;

/**
 * Compares everything in a module cache with what is known of it. Changes nothing. Rejects with SUMDB_FORK or
 * SUMDB_DAMAGED where the checksum database itself is not to be believed, with the signal's reason, or as
 * listCachedVersions() does.
 */
export async function auditModuleCache(
  parts: AuditParts,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (done: number, total: number) => void },
): Promise<AuditReport> {
  const database = parts.database.then((questions) => new DatabaseAsker(questions));
  // Whoever waits for it hears of its failure.
  database.catch(() => {});
  const versions = await listCachedVersions(parts.root, signal);
  const counts = { zips: 0, folders: 0, goMods: 0, bytes: 0 };
  const judged: SpoiltVersion[] = [];
  let done = 0;
  const judge = async (cached: CachedVersion, index: number): Promise<void> => {
    const [facts, word] = await Promise.all([
      gatherFacts(parts, cached, signal),
      database.then((asker) => asker.ask(cached, signal)),
    ]);
    const known = { sums: parts.sums.of(cached), database: word };
    judged[index] = { cached, known, findings: judgeVersion(facts, known) };
    for (const [name, content] of [
      ["zips", facts.zip],
      ["folders", facts.folder],
      ["goMods", facts.mod],
    ] as const) {
      if (content.kind !== "absent") counts[name]++;
      counts.bytes += bytesOf(content);
    }
    onProgress(++done, versions.length);
  };
  const waiting = versions.entries();
  const work = async (): Promise<void> => {
    for (const [index, cached] of waiting) await judge(cached, index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, versions.length) }, work));
  const asker = await database;
  return {
    versions: versions.length,
    ...counts,
    database: asker.counts,
    findings: sortFindings([...judged.flatMap(({ findings }) => findings), ...troubleOf(asker)]),
    spoilt: judged.filter(({ findings }) => findings.some((finding) => finding.spoilt !== null)),
  };
}

function bytesOf(content: Content): number {
  return content.kind === "hashed" ? content.bytes : 0;
}

function troubleOf({ trouble }: DatabaseAsker): CacheFinding[] {
  if (trouble.versions === 0) return [];
  const message = `the checksum database could not be asked for ${trouble.versions} versions: ${trouble.message}`;
  return [cacheFinding("MG1211", { module: "", version: "", message })];
}
