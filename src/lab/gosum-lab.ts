import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Combination } from "./gosum-axes.ts";
import { type GosumOutcome, outcomeOf } from "./gosum-outcomes.ts";
import { honestModule, layOutRow, linesAdded, subject } from "./gosum-scene.ts";
import { type LabDatabase, makeLabDatabase } from "./lab-database.ts";
import { openLabFolder } from "./lab-folder.ts";
import { LabGo, type LabMachine } from "./lab-go.ts";
import { answerModule } from "./lab-module.ts";
import { closedLoopback, type LoopbackServer, openLoopback } from "./loopback-server.ts";
import { maskText } from "./mask-text.ts";

/** One run of go and what came of it. */
export interface GosumRow extends Combination, GosumOutcome {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  /** What go printed on standard error, with {proxy}, {database} and {folder} for what differs from run to run. */
  readonly message: string;
  /** The same as go printed it. */
  readonly stderr: string;
  /** Paths that were asked for, in order. */
  readonly asked: { readonly proxy: readonly string[]; readonly database: readonly string[] };
  readonly addedLines: readonly string[];
}

/** All rows of one lab. */
export interface GosumReport {
  /** Such as go1.26.8. */
  readonly go: string;
  readonly module: string;
  readonly rows: readonly GosumRow[];
}

export interface GosumOptions {
  readonly machine: LabMachine;
  /** A path of go, or a name to look for in PATH. */
  readonly go: string;
  readonly combinations: readonly Combination[];
  /** How many runs have ended. */
  readonly onProgress: (done: number) => void;
}

const runsAtOnce = 2;

/**
 * Runs `go build` once for each combination, against a proxy and a checksum database of the lab's own on 127.0.0.1,
 * each in a folder of its own that is gone when the answer is there. USAGE where go cannot be run.
 */
export async function runGosumLab({
  machine,
  go: command,
  combinations,
  onProgress,
}: GosumOptions): Promise<GosumReport> {
  await using folder = await openLabFolder();
  await using closedProxy = await closedLoopback();
  await using closedDatabase = await closedLoopback();
  const home = join(folder.path, "home");
  const filledCache = join(folder.path, "filled");
  for (const path of [home, filledCache]) await mkdir(path);
  const go = new LabGo(machine, { command, buildCache: join(folder.path, "build"), home });
  const database = makeLabDatabase("sum.lab.example");
  database.record(honestModule);
  const bench: Bench = { go, folder: folder.path, filledCache, database, closedProxy, closedDatabase };
  const version = await go.version(home);
  await fillCache(bench);

  const rows: GosumRow[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < combinations.length; index = next++) {
      const combination = combinations[index];
      if (combination) rows[index] = await runRow(bench, combination);
      onProgress(rows.filter(() => true).length);
    }
  };
  // Both have ended before the folder goes, however they end.
  const ends = await Promise.allSettled(Array.from({ length: runsAtOnce }, work));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return { go: version, module: subject.name, rows };
}

interface Bench {
  readonly go: LabGo;
  readonly folder: string;
  readonly filledCache: string;
  readonly database: LabDatabase;
  readonly closedProxy: LoopbackServer;
  readonly closedDatabase: LoopbackServer;
}

// As a download without the database leaves it, so the database's own answer is not in the cache.
async function fillCache({ go, filledCache }: Bench): Promise<void> {
  await using proxy = await openLoopback((path) => answerModule(honestModule, path));
  const { exitCode, stderr } = await go.run({
    args: ["mod", "download", subject.name],
    cwd: filledCache,
    goPath: filledCache,
    environment: { GOPROXY: proxy.url },
  });
  if (exitCode !== 0) throw new Error(`go mod download from the lab's own proxy failed: ${stderr}`);
}

async function runRow(bench: Bench, combination: Combination): Promise<GosumRow> {
  const { go, filledCache, database } = bench;
  await using folder = await openLabFolder(bench.folder);
  await using honestProxy = await openLoopback((path) => answerModule(honestModule, path));
  await using honestDatabase = await openLoopback((path) => database.answer(path));
  const isUp = combination.network === "up";
  const proxy = isUp ? honestProxy : bench.closedProxy;
  const sumdb = isUp ? honestDatabase : bench.closedDatabase;
  const { project, goPath } = await layOutRow(combination, { folder: folder.path, filledCache });
  const { exitCode, stderr } = await go.run({
    args: ["build", `-mod=${combination.mod}`, "./..."],
    cwd: project,
    goPath,
    environment: { GOPROXY: proxy.url, GOSUMDB: combination.sumdb === "on" ? `${database.key} ${sumdb.url}` : "off" },
  });
  const asked = { proxy: proxy.requests, database: sumdb.requests };
  const addedLines = await linesAdded(combination, project);
  const evidence = { exitCode, stderr, askedProxy: asked.proxy, askedDatabase: asked.database, addedLines };
  const message = maskText(stderr, [
    ["proxy", proxy.host],
    ["database", sumdb.host],
    ["folder", folder.path],
  ]);
  return { ...combination, ...outcomeOf(evidence), exitCode, message, stderr, asked, addedLines };
}
