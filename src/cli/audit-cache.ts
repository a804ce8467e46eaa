import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { type AuditParts, type AuditReport, auditModuleCache } from "../diagnose/audit-module-cache.ts";
import { readRecordedSums } from "../diagnose/recorded-sums.ts";
import { plannedRemoval, type Repaired, repairModuleCache, type RepairParts } from "../diagnose/repair-module-cache.ts";
import { HashPool } from "../hashing/hash-pool.ts";
import { goCommandOf, goSumFilesOf, openSources, questionsOf } from "./audit-sources.ts";
import { type Audit, auditData, auditText } from "./audit-text.ts";
import type { CommandRun, CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";

/** `modgate audit-cache`: compares Go's own module cache with everything that knows better. */
export const auditCacheCommand: CommandSpec = {
  usage: "audit-cache [go.sum...]",
  summary: "Find what is wrong in the module cache of go on this machine, and mend it",
  examples: [
    "modgate audit-cache",
    "modgate audit-cache --dry-run",
    "modgate audit-cache --repair",
    "modgate audit-cache services/*/go.sum --json",
    "GOSUMDB=off modgate audit-cache --sumdb sum.golang.org",
  ],
  details:
    "Hashes every zip, unpacked folder and go.mod in GOMODCACHE, and compares them\n" +
    "with their .ziphash, with the go.sum files named (or those of the module or\n" +
    "workspace here), and with the checksum database. Names of private modules\n" +
    "(GONOSUMDB, GOPRIVATE) are sent to nobody.\n" +
    "--repair takes the locks that go takes, removes what is bad and nothing else,\n" +
    "fetches it anew with go as its environment says, and proves it.\n" +
    "Exit code 1 where an error or a warning was found, mended or not. Versions that\n" +
    "nobody has a record of are counted, and are an error with --strict alone.",
  options: [
    ["--repair", "Remove what is bad, fetch it anew with go, and prove it"],
    ["--dry-run", "Show what --repair would remove, and remove nothing"],
    ["--strict", "Exit code 1 for versions without any record too"],
    ["--modcache <folder>", "The module cache (default: what `go env GOMODCACHE` says)"],
    ["--go <command>", "The go command (default: go)"],
  ],
  takesConfig: "proofs",
  async run(run) {
    const { context, options } = run;
    const { clock } = context;
    const startedAt = clock.monotonic();
    const asTyped = goCommandOf(run);
    const { env, workshop: opened } = await openSources(run, asTyped);
    await using workshop = opened;
    const root = typeof options["modcache"] === "string" ? resolve(options["modcache"]) : env.GOMODCACHE;
    const go = { ...asTyped, environment: { ...asTyped.environment, GOMODCACHE: root } };
    const sums = await readRecordedSums(await goSumFilesOf(run, go, env));
    await using hasher = new HashPool({ threads: availableParallelism(), maxWaiting: 10_000 });
    const database = questionsOf(workshop, env);
    const report = await audit(run, { root, hasher, sums, database });
    const tookMs = clock.monotonic() - startedAt;
    const isTrial = options["dryRun"] === true;
    const result: Audit = {
      root,
      sums,
      report,
      tookMs,
      database:
        typeof database === "string"
          ? { name: null, why: database }
          : { name: workshop.config.sumdb?.name ?? null, why: null },
      planned: isTrial ? await Promise.all(report.spoilt.map((one) => plannedRemoval(root, one))) : null,
      repaired: options["repair"] === true && !isTrial ? await repair(run, { root, hasher, go }, report) : null,
    };
    return {
      data: auditData(result),
      exitCode: isFound(report, options["strict"] === true) ? exitCodes.findings : exitCodes.fine,
      text: (view) => auditText(result, view),
    };
  },
};

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

function isFound({ findings }: AuditReport, isStrict: boolean): boolean {
  return findings.some(({ severity }) => isStrict || severity !== "info");
}
