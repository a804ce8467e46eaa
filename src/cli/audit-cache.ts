import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { type AuditParts, type AuditReport, auditModuleCache } from "../diagnose/audit-module-cache.ts";
import { readGoEnvironment } from "../diagnose/go-environment.ts";
import { readRecordedSums } from "../diagnose/recorded-sums.ts";
import { plannedRemoval, type Repaired, repairModuleCache, type RepairParts } from "../diagnose/repair-module-cache.ts";
import { HashPool } from "../hashing/hash-pool.ts";
import { goCommandOf, goSumFilesOf, openDatabase } from "./audit-sources.ts";
import type { CommandRun, CommandSpec } from "./define-command.ts";
import { type Audit, auditData, describeAudit } from "./describe-audit.ts";
import { exitCodes } from "./exit-codes.ts";

/** `modgate audit-cache`: finds what is wrong in a module cache, and mends it. */
export const auditCacheCommand: CommandSpec = {
  usage: "audit-cache [go.sum...]",
  summary: "Find poisoned and damaged versions in the module cache, and mend them",
  examples: [
    "modgate audit-cache",
    "modgate audit-cache --dry-run",
    "modgate audit-cache --repair",
    "modgate audit-cache service-a/go.sum service-b/go.sum --json",
    "GOSUMDB=off modgate audit-cache --sumdb sum.golang.org",
  ],
  details:
    "Hashes every zip, unpacked version and go.mod in GOMODCACHE anew and compares\n" +
    "them with each other, with .ziphash, with the go.sum files (those of the module\n" +
    "or workspace here where none is named), and with the checksum database. Names\n" +
    "of private modules (GOPRIVATE, GONOSUMDB) do not leave. Where GOSUMDB is off,\n" +
    "--sumdb names a database.\n" +
    "\n" +
    "--repair removes exactly what is wrong, under go's own locks, fetches it with\n" +
    "go as its environment says, and proves it; everything else stays as it is.\n" +
    "\n" +
    "Exit code 1 where something is found; with --repair, where something is left.\n" +
    "Versions of which nobody has a record count with --strict alone.",
  options: [
    ["--repair", "Remove what is wrong, fetch it anew, and prove it"],
    ["--dry-run", "Change nothing: show what --repair would remove"],
    ["--strict", "Exit code 1 for versions of which nobody has a record, too"],
    ["--modcache <folder>", "The module cache (default: go env GOMODCACHE)"],
  ],
  takesConfig: "proofs",
  async run(run) {
    const { context, options } = run;
    const { signal, clock } = context;
    await using hasher = new HashPool({ threads: availableParallelism(), maxWaiting: 10_000, isEager: true });
    const loaded = await context.loadConfig(run.flags);
    const user = goCommandOf(run, loaded.config);
    const env = await readGoEnvironment(user, signal);
    await using database = openDatabase(run, loaded, env);
    const root = typeof options["modcache"] === "string" ? resolve(options["modcache"]) : env.GOMODCACHE;
    const sums = await readRecordedSums(await goSumFilesOf(run, user, env));
    const startedAt = clock.monotonic();
    const report = await audit(run, { root, hasher, sums, database: database.questions });
    const tookMs = clock.monotonic() - startedAt;
    const isTrial = options["dryRun"] === true;
    const isRepair = options["repair"] === true && !isTrial;
    const go = { ...user, environment: { ...user.environment, GOMODCACHE: root } };
    const result: Audit = {
      root,
      sums,
      report,
      tookMs,
      notAsked: await database.questions.then((questions) => (typeof questions === "string" ? questions : null)),
      planned: isTrial ? await Promise.all(report.spoilt.map((one) => plannedRemoval(root, one))) : null,
      repaired: isRepair ? await repair(run, { root, hasher, go }, report) : null,
    };
    return {
      data: auditData(result),
      exitCode: isAtRest(result, options["strict"] === true) ? exitCodes.fine : exitCodes.findings,
      text: (view) => describeAudit(result, view),
    };
  },
};

/** True where nothing is wrong, or nothing any more. */
function isAtRest({ report, repaired }: Audit, isStrict: boolean): boolean {
  const left = report.findings.filter(
    ({ severity, spoilt }) => (isStrict || severity !== "info") && (repaired === null || spoilt === null),
  );
  return left.length === 0 && (repaired ?? []).every((one) => one.left.length === 0);
}

async function audit(run: CommandRun, parts: AuditParts): Promise<AuditReport> {
  using progress = run.progress("versions");
  const onProgress = (done: number, total: number): void => progress.update(done, total, "hashed and compared");
  return await auditModuleCache(parts, { signal: run.context.signal, onProgress });
}

async function repair(run: CommandRun, parts: RepairParts, { spoilt }: AuditReport): Promise<readonly Repaired[]> {
  if (spoilt.length === 0) return [];
  using progress = run.progress("versions");
  const onProgress = (done: number, total: number): void => progress.update(done, total, "removed and fetched anew");
  return await repairModuleCache(parts, spoilt, { signal: run.context.signal, onProgress });
}
