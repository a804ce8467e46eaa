import { Problem } from "../kernel/problem.ts";
import type { KeptAnswer } from "../ports/checksum-database.ts";
import type { FileKey } from "../ports/store.ts";
import { CachedTree } from "./cached-tree.ts";
import type { KeptDatabase } from "./kept-database.ts";
import { proveCached } from "./prove-cached.ts";
import type { TreeHead } from "./tree-head.ts";

/** A cached answer that is not proved. */
export interface KeptFinding {
  readonly key: FileKey;
  /** `wrong`: it is not what the trusted tree has. `unproved`: what would prove it is not in the cache. */
  readonly kind: "wrong" | "unproved";
  readonly reason: string;
}

export interface KeptReport {
  /** Answers looked at. */
  readonly lookups: number;
  readonly tiles: number;
  /** By key. */
  readonly findings: readonly KeptFinding[];
}

/**
 * Proves every cached answer of a database anew under this head, without a network; null: there is none, and nothing
 * is proved. `onProgress` is told of each. STORE_FAILED where one can't be read.
 */
export async function verifyKept(
  database: KeptDatabase,
  head: TreeHead | null,
  {
    signal,
    onProgress,
  }: { readonly signal: AbortSignal; readonly onProgress?: (answers: number, key: string) => void },
): Promise<KeptReport> {
  const { verifier } = database;
  const tree = head && new CachedTree(head, (path) => database.read(`sumdb/${verifier.name}/${path}`));
  const findings: KeptFinding[] = [];
  const counts = { latest: 0, lookup: 0, tile: 0 };
  for await (const answer of database.answers(signal)) {
    counts[answer.op]++;
    onProgress?.(counts.latest + counts.lookup + counts.tile, answer.key);
    const finding = await findingOf(database, tree, answer);
    if (finding !== null) findings.push(finding);
  }
  findings.sort((left, right) => (left.key < right.key ? -1 : 1));
  return { lookups: counts.lookup, tiles: counts.tile, findings };
}

async function findingOf(
  database: KeptDatabase,
  tree: CachedTree | null,
  { key, path }: KeptAnswer,
): Promise<KeptFinding | null> {
  if (tree === null) return { key, kind: "unproved", reason: "no tree head of this database is trusted yet" };
  try {
    const bytes = await database.read(key);
    // Evicted meanwhile.
    if (bytes === null) return null;
    await proveCached(tree, database.verifier, { path, bytes });
    return null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code, message } = error;
    if (code === "SUMDB_DAMAGED") return { key, kind: "wrong", reason: message };
    if (code === "NOT_IN_CACHE") return { key, kind: "unproved", reason: message };
    throw error;
  }
}
