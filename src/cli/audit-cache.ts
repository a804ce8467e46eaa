import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { type AuditReport, auditModuleCache } from "../diagnose/audit-module-cache.ts";
import type { DatabaseQuestions } from "../diagnose/ask-database.ts";
import { findGoSums, type GoEnvironment, readGoEnvironment } from "../diagnose/go-environment.ts";
import { readRecordedSums } from "../diagnose/recorded-sums.ts";
import { plannedRemovals, type Repaired, repairModuleCache } from "../diagnose/repair-module-cache.ts";
import { HashPool } from "../hashing/hash-pool.ts";
import { processGroups } from "../upstream/process-group.ts";
import type { GoCommand } from "../upstream/run-go.ts";
import type { Config } from "../config/config.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { describeAudit } from "./describe-audit.ts";
import type { CommandRun, CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";

/** `modgate audit-cache`: finds what is wrong in a module cache, and mends it. */
export const auditCacheCommand: CommandSpec = {
  usage: "audit-cache [go.sum...]",
  summary: "Find poisoned and damaged versions in the module cache, and mend them",
  examples: [
    "modgate audit-cache",
    "modgate audit-cache --repair",
    "modgate audit-cache service-a/go.sum service-b/go.sum --json",
    "modgate audit-cache --repair --dry-run",
  ],
  details:
    "Hashes every zip, unpacked version and go.mod in GOMODCACHE anew and compares\n" +
    "them with each other, with .ziphash, with the go.sum files (those of the module\n" +
    "or workspace here where none is named), and with the checksum database. Names\n" +
    "of private modules do not leave. Where GOSUMDB is off, --sumdb names a database.\n" +
    "\n" +
    "--repair removes exactly the versions that are wrong, under go's own locks,\n" +
    "fetches them with go and proves them; everything else stays as it is.\n" +
    "\n" +
    "Exit code 1 where something is found; with --repair, where something is left.",
  options: [
    ["--repair", "Remove what is wrong, fetch it anew, and prove it"],
    ["--dry-run", "Change nothing: show what --repair would remove"],
    ["--modcache <folder>", "The module cache (default: go env GOMODCACHE)"],
  ],
  takesConfig: "all",
  async run(run) {
    const { context, options } = run;
    const { signal, clock } = context;
    await using hasher = new HashPool({ threads: availableParallelism(), maxWaiting: 10_000, isEager: true });
    const loaded = await context.loadConfig(run.flags);
    const user = goCommandOf(run, loaded.config);
    const env = await readGoEnvironment(user, signal);
    await using database = openDatabase(run, loaded, env);
    const root = typeof options["modcache"] === "string" ? options["modcache"] : env.GOMODCACHE;
    const go: GoCommand = { ...user, environment: { ...user.environment, GOMODCACHE: root } };
    const sums = await readRecordedSums(await goSumsOf(run, user, env));
    const parts = { root, hasher, sums, database: database.questions };
    const startedAt = clock.monotonic();
    const report = await audit(run, parts);
    const tookMs = clock.monotonic() - startedAt;
    const isTrial = options["dryRun"] === true;
    const repaired = options["repair"] === true && !isTrial ? await repair(run, { ...parts, go }, report) : null;
    const planned = isTrial
      ? report.spoilt.map((one) => ({ ...nameOf(one.cached), remove: plannedRemovals(root, one) }))
      : null;
    const { spoilt: _spoilt, ...shown } = report;
    return {
      data: { modCache: root, goSums: sums.files, ...shown, tookMs: Math.round(tookMs), planned, repaired },
      exitCode: isAtRest(report, repaired) ? exitCodes.fine : exitCodes.findings,
      text: (view) => describeAudit({ report, repaired, planned, root, goSums: sums.files, tookMs }, view),
    };
  },
};

/** True where nothing is wrong, or nothing any more. */
function isAtRest({ findings }: AuditReport, repaired: readonly Repaired[] | null): boolean {
  const left = findings.filter(({ severity, spoilt }) => severity !== "info" && (repaired === null || spoilt === null));
  return left.length === 0 && (repaired ?? []).every((one) => one.left.length === 0);
}

function audit(run: CommandRun, parts: Parameters<typeof auditModuleCache>[0]): Promise<AuditReport> {
  using progress = run.progress("versions");
  const { signal } = run.context;
  return auditModuleCache(parts, {
    signal,
    onProgress: (done, total) => progress.update(done, total, "hashing"),
  }).finally(() => progress[Symbol.dispose]());
}

async function repair(
  run: CommandRun,
  parts: Parameters<typeof repairModuleCache>[0],
  { spoilt }: AuditReport,
): Promise<readonly Repaired[]> {
  if (spoilt.length === 0) return [];
  using progress = run.progress("versions");
  const onProgress = (done: number, total: number): void => progress.update(done, total, "repairing");
  return await repairModuleCache(parts, spoilt, { signal: run.context.signal, onProgress });
}

function goCommandOf({ context }: CommandRun, config: Config): GoCommand {
  const set = Object.entries(context.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    binary: config.direct.goBinary,
    run: processGroups(context.clock),
    environment: Object.fromEntries(set),
    cwd: process.cwd(),
  };
}

async function goSumsOf({ args, context }: CommandRun, go: GoCommand, env: GoEnvironment): Promise<readonly string[]> {
  const given = Array.isArray(args[0]) ? args[0].map(String) : [];
  if (given.length > 0) return given;
  const found = await findGoSums(go, env, context.signal);
  const isThere = await Promise.all(
    found.map((path) =>
      stat(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.filter((_, index) => isThere[index]);
}

interface OpenedDatabase extends AsyncDisposable {
  readonly questions: Promise<DatabaseQuestions | string>;
}

/** Opened while the threads hash, and only where there is one to ask. */
function openDatabase({ context }: CommandRun, loaded: LoadedConfig, env: GoEnvironment): OpenedDatabase {
  const { sumdb, sumdbs, private: patterns } = loaded.config;
  if (sumdb === null && sumdbs.every((one) => one.sumdb === null)) {
    const why = "it is off (GOSUMDB=off, or --sumdb off); --sumdb NAME asks one";
    return { questions: Promise.resolve(why), [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const isPrivate = [...env.GONOSUMDB.split(",").filter((pattern) => pattern !== ""), ...patterns];
  const opening = context.openWorkshop(loaded);
  return {
    questions: opening.then((workshop) => ({ databaseOf: (module) => workshop.databaseOf(module), isPrivate })),
    async [Symbol.asyncDispose]() {
      await (await opening)[Symbol.asyncDispose]();
    },
  };
}

function nameOf({ module, version }: { readonly module: string; readonly version: string }): {
  readonly module: string;
  readonly version: string;
} {
  return { module, version };
}
