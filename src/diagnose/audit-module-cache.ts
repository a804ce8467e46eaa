import type { Hasher } from "../ports/hasher.ts";
import { DatabaseAsker, type DatabaseQuestions } from "./ask-database.ts";
import type { CachedVersion } from "./cached-version.ts";
import { type CacheFinding, cacheFinding, sortFindings } from "./cache-finding.ts";
import { judgeVersion } from "./judge-version.ts";
import { type DatabaseWord, type KnownHashes, wantOf } from "./known-hashes.ts";
import { listCachedVersions } from "./list-cached-versions.ts";
import type { RecordedSums } from "./recorded-sums.ts";
import { type Content, gatherFacts, type VersionFacts } from "./version-facts.ts";

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
  /** Versions by the weakest of what their files were compared with. */
  readonly compared: Readonly<Record<Comparison, number>>;
  /** The worst first. */
  readonly findings: readonly CacheFinding[];
  /** Those that a repair can mend. */
  readonly spoilt: readonly SpoiltVersion[];
}

/** What a version was compared with: nothing where one of its files could not be. */
export type Comparison = "database" | "goSum" | "nothing";

// Enough for every thread to have the next zip at hand; more would only hold open files.
const atOnce = 64;

/**
 * Compares everything in a module cache with what is known of it. Changes nothing. Rejects with SUMDB_FORK where the
 * checksum database has signed two histories, with the signal's reason, or as listCachedVersions() does; a database
 * that is out of reach, or answers what cannot be proved, is a finding.
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
  const compared = { database: 0, goSum: 0, nothing: 0 };
  const judged: SpoiltVersion[] = [];
  let done = 0;
  const judge = async (cached: CachedVersion, index: number): Promise<void> => {
    const [facts, word] = await Promise.all([
      gatherFacts(parts, cached, signal),
      isComparable(cached) ? database.then((asker) => asker.ask(cached, signal)) : nothingToAsk,
    ]);
    const known = { sums: parts.sums.of(cached), database: word };
    judged[index] = { cached, known, findings: judgeVersion(facts, known) };
    const comparison = comparisonOf(facts, known);
    if (comparison !== null) compared[comparison]++;
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
    compared,
    findings: sortFindings([...judged.flatMap(({ findings }) => findings), ...troubleOf(asker)]),
    spoilt: judged.filter(({ findings }) => findings.some((finding) => finding.spoilt !== null)),
  };
}

const nothingToAsk: DatabaseWord = { kind: "not asked", why: "there is nothing to compare" };

function isComparable({ files, hasFolder }: CachedVersion): boolean {
  return hasFolder || files.has("zip") || files.has("mod");
}

/** Null where there is nothing to compare. */
function comparisonOf(facts: VersionFacts, known: KnownHashes): Comparison | null {
  const hasCode = facts.zip.kind !== "absent" || facts.folder.kind !== "absent";
  const wants = [
    ...(hasCode ? [wantOf(known, "zip")] : []),
    ...(facts.mod.kind === "absent" ? [] : [wantOf(known, "mod")]),
  ];
  if (wants.length === 0) return null;
  if (wants.includes(null)) return "nothing";
  return wants.every((want) => want?.by === "database") ? "database" : "goSum";
}

function bytesOf(content: Content): number {
  return content.kind === "hashed" ? content.bytes : 0;
}

function troubleOf({ trouble }: DatabaseAsker): CacheFinding[] {
  if (trouble.versions === 0) return [];
  const versions = `${trouble.versions} ${trouble.versions === 1 ? "version" : "versions"}`;
  const message = `the checksum database could not be asked about ${versions}: ${trouble.message}`;
  return [cacheFinding("MG1211", { module: "", version: "", message })];
}
