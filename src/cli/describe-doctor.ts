import type { DoctorFinding } from "../doctor/doctor-finding.ts";
import type { ShownVariable } from "../doctor/examine-environment.ts";
import { counted } from "./human-units.ts";
import { renderTable, type View } from "./table.ts";

/** What the doctor reports. */
export interface DoctorReport {
  readonly findings: readonly DoctorFinding[];
  /** Its version; null where there is none that runs. */
  readonly go: string | null;
  readonly environment: readonly ShownVariable[];
}

/** The report for people: the findings, the worst first, then what they were drawn from. */
export function describeDoctor(report: DoctorReport, view: View): string {
  return [...findingLines(report, view), environmentLines(report, view), verdictLine(report, view)].join("");
}

function findingLines({ findings }: DoctorReport, { paint }: View): string[] {
  return findings.map(({ code, severity, place, message, rule, help }, index) => {
    const head = `${paint(severity === "error" ? "red" : "yellow", severity)} ${paint("bold", code)}`;
    const where = place === "" ? "" : ` ${paint("cyan", place)}`;
    // The rule once for all findings of a kind.
    const why = findings[index + 1]?.code === code ? "" : `  ${paint("dim", "why:")} ${rule}\n`;
    return `${head}${where}\n  ${message}\n${why}  ${paint("green", "help:")} ${help}\n\n`;
  });
}

function environmentLines({ environment }: DoctorReport, view: View): string {
  const set = environment.filter(({ value, shadowed }) => value !== "" || shadowed.length > 0);
  const unset = environment.filter((one) => !set.includes(one)).map(({ name }) => name);
  const rows = set.flatMap(({ name, value, from, shadowed }) =>
    [[name, value === "" ? "-" : value, from]].concat(shadowed.map((one) => ["", `  hides ${one.value}`, one.from])),
  );
  const columns = [{ title: "VARIABLE" }, { title: "VALUE" }, { title: "FROM" }];
  const rest = unset.length === 0 ? "" : `not set: ${unset.join(", ")}\n`;
  return `${renderTable(columns, rows, view)}${rest}\n`;
}

function verdictLine({ findings, go }: DoctorReport, { paint }: View): string {
  const count = (severity: string): number => findings.filter((one) => one.severity === severity).length;
  const parts = [
    count("error") > 0 ? paint("red", counted(count("error"), "error")) : "",
    count("warning") > 0 ? paint("yellow", counted(count("warning"), "warning")) : "",
  ].filter((part) => part !== "");
  return `${go ?? "no go"}: ${parts.length === 0 ? paint("green", "nothing is wrong") : parts.join(", ")}\n`;
}
