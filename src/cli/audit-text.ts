import type { AuditReport } from "../diagnose/audit-module-cache.ts";
import type { CacheFinding } from "../diagnose/cache-finding.ts";
import { labelOf } from "../diagnose/cached-version.ts";
import type { RecordedSums } from "../diagnose/recorded-sums.ts";
import type { PlannedRemoval, Repaired } from "../diagnose/repair-module-cache.ts";
import type { Paint, Style } from "./colour.ts";
import { counted, humanBytes, humanDuration } from "./human-units.ts";
import type { View } from "./table.ts";
import { oneLine } from "./text-width.ts";

/** Everything that `modgate audit-cache` has found out and done. */
export interface Audit {
  /** GOMODCACHE. */
  readonly root: string;
  readonly sums: RecordedSums;
  readonly report: AuditReport;
  readonly tookMs: number;
  /** Whether the checksum database was asked; why not, in words that follow "not asked: ". */
  readonly database: { readonly name: string | null; readonly why: string | null };
  /** What a repair would remove; null where that was not asked. */
  readonly planned: readonly PlannedRemoval[] | null;
  /** Null where nothing was to be repaired. */
  readonly repaired: readonly Repaired[] | null;
}

/** The audit as `--json` prints it. */
export function auditData({ root, sums, report, tookMs, database, planned, repaired }: Audit): object {
  const { versions, zips, folders, goMods, bytes, compared, findings } = report;
  return {
    modcache: root,
    goSums: sums.files,
    database: { ...database, ...report.database },
    versions,
    zips,
    folders,
    goMods,
    bytes,
    tookMs: Math.round(tookMs),
    compared,
    findings,
    planned,
    repaired,
  };
}

/** The audit for people: the worst first, then what was or would be done, then what all was compared with. */
export function auditText(audit: Audit, { paint }: View): string {
  const { report, planned, repaired } = audit;
  const singles = report.findings.filter(({ severity }) => severity !== "info");
  const infos = report.findings.filter(({ severity }) => severity === "info");
  const parts = [
    ...singles.map((finding, index) => findingText(finding, singles[index + 1]?.help === finding.help, paint)),
    ...groupsOf(infos).map((group) => groupText(group, paint)),
    ...(planned ?? []).map((removal) => plannedText(removal, paint)),
    ...(repaired ?? []).map((one) => repairedText(one, paint)),
  ];
  const gap = parts.length > 0 ? "\n" : "";
  return `${parts.join("")}${gap}${summaryText(audit)}`;
}

const styles: Readonly<Record<CacheFinding["severity"], Style>> = { error: "red", warning: "yellow", info: "cyan" };

function findingText(finding: CacheFinding, isHelpNext: boolean, paint: Paint): string {
  const { message, want, wantFrom, got } = finding;
  const place = finding.module === "" ? "" : ` ${paint("cyan", labelOf(finding))}`;
  const hashes = [
    ...(want === null ? [] : [`  want ${want}${wantFrom === null ? "" : `  (${wantFrom})`}\n`]),
    ...(got === null ? [] : [`  got  ${got}\n`]),
  ];
  return `${headOf(finding, paint)}${place}: ${oneLine(message)}\n${hashes.join("")}${isHelpNext ? "" : helpLine(finding, paint)}`;
}

const shownNames = 5;

/** Versions of which there is the same to say, on one line. */
function groupText(group: readonly CacheFinding[], paint: Paint): string {
  const [first] = group;
  if (first === undefined) return "";
  const names = group.slice(0, shownNames).map((finding) => paint("cyan", labelOf(finding)));
  const more = group.length > shownNames ? ` and ${group.length - shownNames} more (--json has all)` : "";
  const which = group.length === 1 ? "" : ` ${counted(group.length, "version")}`;
  return `${headOf(first, paint)}${which}: ${oneLine(first.message)}\n  ${names.join(", ")}${more}\n${helpLine(first, paint)}`;
}

function groupsOf(findings: readonly CacheFinding[]): CacheFinding[][] {
  return [...Map.groupBy(findings, ({ code, message }) => `${code} ${message}`).values()];
}

function headOf({ severity, code }: CacheFinding, paint: Paint): string {
  return `${paint(styles[severity], severity)} ${paint("bold", code)}`;
}

function helpLine({ help }: CacheFinding, paint: Paint): string {
  return `  ${paint("green", "help:")} ${oneLine(help)}\n`;
}

function plannedText({ paths, ...version }: PlannedRemoval, paint: Paint): string {
  return `${paint("yellow", "would remove")} ${labelOf(version)}\n${paths.map((path) => `  ${oneLine(path)}\n`).join("")}`;
}

function repairedText(one: Repaired, paint: Paint): string {
  if (one.left.length === 0) return `${paint("green", "repaired")} ${labelOf(one)}\n`;
  const reason = one.reason.split("\n").map((line) => `  ${oneLine(line)}\n`);
  return `${paint("red", "not repaired")} ${labelOf(one)}: what was bad is removed, and this kept it from being fetched anew:\n${reason.join("")}`;
}

function summaryText(audit: Audit): string {
  const { report, root, sums, tookMs, repaired, planned } = audit;
  const { versions, zips, folders, goMods, bytes, findings, compared } = report;
  const count = (severity: CacheFinding["severity"]): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const hashed = `${counted(zips, "zip")}, ${counted(folders, "folder")} and ${counted(goMods, "go.mod file")}, ${humanBytes(bytes)} hashed in ${humanDuration(tookMs)}`;
  const lines = [
    `${root}: ${counted(versions, "version")}; ${hashed}`,
    databaseLine(audit),
    `go.sum: ${sums.files.length === 0 ? "none here; name some to compare with them" : `${counted(sums.lines, "line")} of ${sums.files.join(", ")}`}`,
    `compared with the checksum database: ${compared.database}; with go.sum alone: ${compared.goSum}; with nothing: ${compared.nothing}`,
    `${counted(count("error"), "error")}, ${counted(count("warning"), "warning")}${afterwards(repaired, planned)}`,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function databaseLine({ database, report }: Audit): string {
  const { asked, known } = report.database;
  if (database.why !== null) {
    const hint = database.why.includes("GOSUMDB") ? "; --sumdb sum.golang.org asks it all the same" : "";
    return `checksum database: not asked, ${database.why}${hint}`;
  }
  return `checksum database: ${database.name ?? "by sumdbs"}, asked about ${counted(asked, "version")}, knows ${known}`;
}

function afterwards(repaired: Audit["repaired"], planned: Audit["planned"]): string {
  if (repaired !== null) {
    const mended = repaired.filter(({ left }) => left.length === 0).length;
    return `; ${mended} of ${counted(repaired.length, "version")} removed, fetched anew and proved`;
  }
  return planned === null ? "" : `; --repair would remove ${counted(planned.length, "version")}, nothing was`;
}
