import type { AuditReport } from "../diagnose/audit-module-cache.ts";
import type { CacheFinding } from "../diagnose/cache-finding.ts";
import type { Repaired } from "../diagnose/repair-module-cache.ts";
import type { Style } from "./colour.ts";
import { counted, humanBytes, humanDuration } from "./human-units.ts";
import type { View } from "./table.ts";

interface Planned {
  readonly module: string;
  readonly version: string;
  readonly remove: readonly string[];
}

interface Audited {
  readonly report: AuditReport;
  /** Null where nothing was to be repaired. */
  readonly repaired: readonly Repaired[] | null;
  /** What a repair would remove; null where that was not asked. */
  readonly planned: readonly Planned[] | null;
  readonly root: string;
  readonly goSums: readonly string[];
  readonly tookMs: number;
}

const styles: Readonly<Record<CacheFinding["severity"], Style>> = { error: "red", warning: "yellow", info: "dim" };
// Versions of which nobody has a record are many where a cache has private modules, and none of them is wrong.
const mostInfos = 5;

/** What an audit has found, for people: the worst first, each with what it does and what mends it. */
export function describeAudit(audited: Audited, view: View): string {
  const { report, repaired, planned } = audited;
  return [
    ...findingLines(report.findings, view, repaired === null),
    ...(planned ?? []).map((one) => planLines(one)),
    ...(repaired ?? []).map((one) => repairLines(one, view)),
    summaryLines(audited, view),
  ].join("");
}

function findingLines(findings: readonly CacheFinding[], { paint }: View, hasHelp: boolean): string[] {
  const lines: string[] = [];
  let infos = 0;
  for (const [index, finding] of findings.entries()) {
    if (finding.severity === "info" && ++infos > mostInfos) continue;
    const { code, severity, module, version, message, help } = finding;
    const name = module === "" ? "" : ` ${paint("bold", `${module}@${version}`)}`;
    lines.push(`${paint(styles[severity], severity)} ${code}${name}\n  ${message}\n`);
    // Once for all findings of a kind.
    const isMended = finding.spoilt !== null && !hasHelp;
    if (findings[index + 1]?.code !== code && !isMended) lines.push(`  ${paint("green", "help:")} ${help}\n`);
  }
  const hidden = infos - mostInfos;
  if (hidden > 0) {
    lines.push(`  and ${counted(hidden, "version")} more without a record; --json lists them\n`);
    const help = findings.findLast(({ severity }) => severity === "info")?.help ?? "";
    lines.push(`  ${paint("green", "help:")} ${help}\n`);
  }
  return lines;
}

function planLines({ module, version, remove }: Planned): string {
  return `\nwould remove, and fetch anew ${module}@${version}:\n${remove.map((path) => `  ${path}\n`).join("")}`;
}

function repairLines({ module, version, left, reason }: Repaired, { paint }: View): string {
  const name = paint("bold", `${module}@${version}`);
  if (left.length === 0) return `${paint("green", "repaired")} ${name}\n`;
  const why = reason.split("\n").map((line) => `  ${line}\n`);
  return `${paint("red", "removed, and not fetched")} ${name}\n${why.join("")}`;
}

function summaryLines({ report, repaired, root, goSums, tookMs }: Audited, { paint }: View): string {
  const { versions, zips, folders, goMods, bytes, database, findings } = report;
  const count = (severity: CacheFinding["severity"]): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const [errors, warnings] = [count("error"), count("warning")];
  const verdict =
    errors + warnings === 0
      ? paint("green", "nothing is wrong")
      : [errors > 0 ? paint("red", counted(errors, "error")) : "", warnings > 0 ? counted(warnings, "warning") : ""]
          .filter((part) => part !== "")
          .join(", ");
  const mended = (repaired ?? []).filter(({ left }) => left.length === 0).length;
  const sums = goSums.length === 0 ? "no go.sum (there is no module here, and none was named)" : goSums.join(", ");
  return (
    `\n${counted(versions, "version")} in ${root}: ${counted(zips, "zip")}, ${counted(folders, "folder")}, ${counted(goMods, "go.mod file")} hashed, ` +
    `${humanBytes(bytes)} in ${humanDuration(tookMs)}\n` +
    `compared with ${sums}; the checksum database has ${database.known} of ${database.asked} asked\n` +
    `${verdict}${repaired === null ? "" : `; ${mended} of ${counted(repaired.length, "version")} repaired`}\n`
  );
}
