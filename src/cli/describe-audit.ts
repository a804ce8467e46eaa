import type { AuditReport } from "../diagnose/audit-module-cache.ts";
import type { CacheFinding } from "../diagnose/cache-finding.ts";
import { labelOf } from "../diagnose/cached-version.ts";
import type { RecordedSums } from "../diagnose/recorded-sums.ts";
import type { PlannedRemoval, Repaired } from "../diagnose/repair-module-cache.ts";
import type { Paint, Style } from "./colour.ts";
import { counted, humanBytes, humanCount, humanDuration } from "./human-units.ts";
import type { View } from "./table.ts";
import { oneLine } from "./text-width.ts";

/** Everything that `modgate audit-cache` has found out and done. */
export interface Audit {
  /** GOMODCACHE. */
  readonly root: string;
  readonly sums: RecordedSums;
  readonly report: AuditReport;
  readonly tookMs: number;
  /** Why the checksum database was not asked, such as `it is off (GOSUMDB=off)`; null where it was. */
  readonly notAsked: string | null;
  /** What a repair would remove; null where that was not asked. */
  readonly planned: readonly PlannedRemoval[] | null;
  /** Null where nothing was to be repaired. */
  readonly repaired: readonly Repaired[] | null;
}

const styles: Readonly<Record<CacheFinding["severity"], Style>> = { error: "red", warning: "yellow", info: "cyan" };
// Versions of which nobody has a record are many where a cache has private modules, and none of them is wrong.
const mostNames = 5;

/** The audit as `--json` prints it. */
export function auditData({ root, sums, report, tookMs, notAsked, planned, repaired }: Audit): object {
  const { spoilt: _spoilt, database, ...shown } = report;
  return {
    modCache: root,
    goSums: sums.files,
    database: { ...database, notAsked },
    ...shown,
    tookMs: Math.round(tookMs),
    planned,
    repaired,
  };
}

/** The audit for people: the worst first, each with what it does and what mends it; then what was done; then the sum. */
export function describeAudit(audit: Audit, { paint }: View): string {
  const { report, planned, repaired } = audit;
  const groups = [...Map.groupBy(report.findings, groupOf).values()];
  const parts = [
    ...groups.map((group, index) => {
      const isHelped = helpOf(group, audit) === helpOf(groups[index + 1] ?? [], audit);
      return `${groupText(group, paint)}${isHelped ? "" : helpText(helpOf(group, audit), paint)}`;
    }),
    ...(planned ?? []).map(plannedText),
    ...(repaired ?? []).map((one) => repairedText(one, paint)),
  ];
  return `${parts.join("")}${parts.length > 0 ? "\n" : ""}${summaryText(audit, paint)}`;
}

/** What is wrong stands alone; versions without a record stand together where the reason is the same. */
function groupOf(finding: CacheFinding): unknown {
  return finding.severity === "info" ? `${finding.code} ${finding.message}` : finding;
}

function groupText(group: readonly CacheFinding[], paint: Paint): string {
  const [first] = group;
  if (first === undefined) return "";
  const { severity, code, module, message, want, wantFrom, got } = first;
  const name = group.length > 1 ? counted(group.length, "version") : module === "" ? "" : labelOf(first);
  const lines = [
    `${paint(styles[severity], severity)} ${code} ${paint("bold", name)}`.trimEnd(),
    `  ${oneLine(message)}`,
  ];
  if (want !== null) lines.push(`  want ${want}  (${oneLine(wantFrom ?? "")})`);
  if (got !== null) lines.push(`  got  ${oneLine(got)}`);
  if (group.length > 1) {
    const more = group.length > mostNames ? ` and ${humanCount(group.length - mostNames)} more; --json has all` : "";
    lines.push(`  ${group.slice(0, mostNames).map(labelOf).join(", ")}${more}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** None for what has just been mended. */
function helpOf([first]: readonly CacheFinding[], { repaired }: Audit): string {
  return first === undefined || (repaired !== null && first.spoilt !== null) ? "" : first.help;
}

function helpText(help: string, paint: Paint): string {
  return help === "" ? "" : `  ${paint("green", "help:")} ${oneLine(help)}\n`;
}

function plannedText({ paths, ...version }: PlannedRemoval): string {
  return `would remove, and fetch anew ${labelOf(version)}\n${paths.map((path) => `  ${oneLine(path)}\n`).join("")}`;
}

function repairedText(one: Repaired, paint: Paint): string {
  const name = paint("bold", labelOf(one));
  if (one.left.length === 0) return `${paint("green", "repaired")} ${name}\n`;
  const why = one.reason.split("\n").map((line) => `  ${oneLine(line)}\n`);
  return `${paint("red", "removed, and not fetched")} ${name}\n${why.join("")}`;
}

function summaryText(audit: Audit, paint: Paint): string {
  const { report, root, tookMs, sums } = audit;
  const { versions, zips, folders, goMods, bytes } = report;
  const files = sums.files.length === 0 ? "none: there is none here, and none was named" : sums.files.join(", ");
  const lines = [
    `${counted(versions, "version")} in ${root}`,
    `  hashed    ${counted(zips, "zip")}, ${counted(folders, "folder")}, ${counted(goMods, "go.mod file")}; ${humanBytes(bytes)} in ${humanDuration(tookMs)}`,
    `  database  ${databaseText(audit)}`,
    `  go.sum    ${files}`,
    `  compared  ${comparedText(report)}`,
    `${verdictText(report, paint)}${outcomeText(audit)}`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function databaseText({ report, notAsked }: Audit): string {
  const { asked, known } = report.database;
  if (notAsked === null) return `has ${humanCount(known)} of ${counted(asked, "version")} asked about`;
  const hint = notAsked.includes("GOSUMDB") ? "; --sumdb sum.golang.org asks it all the same" : "";
  return `not asked: ${notAsked}${hint}`;
}

function comparedText({ compared: { database, goSum, nothing } }: AuditReport): string {
  const parts = [
    [database, "with the database"],
    [goSum, "with go.sum alone"],
    [nothing, "with no record"],
  ] as const;
  return parts.map(([count, how]) => `${humanCount(count)} ${how}`).join(", ");
}

function verdictText({ findings }: AuditReport, paint: Paint): string {
  const count = (severity: CacheFinding["severity"]): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const [errors, warnings] = [count("error"), count("warning")];
  if (errors + warnings === 0) return paint("green", "nothing is wrong");
  const parts = [
    ...(errors > 0 ? [paint("red", counted(errors, "error"))] : []),
    ...(warnings > 0 ? [paint("yellow", counted(warnings, "warning"))] : []),
  ];
  return parts.join(", ");
}

function outcomeText({ repaired, planned }: Audit): string {
  if (planned !== null && planned.length > 0) return `; --repair would mend ${counted(planned.length, "version")}`;
  if (repaired === null || repaired.length === 0) return "";
  const mended = repaired.filter(({ left }) => left.length === 0).length;
  return `; ${humanCount(mended)} of ${counted(repaired.length, "version")} repaired`;
}
