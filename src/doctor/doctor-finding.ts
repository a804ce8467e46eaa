import { type DoctorFindingCode, doctorFindingCodes } from "./doctor-finding-codes.ts";

/** One thing that is wrong with how go downloads on this machine. No secrets are in it. */
export interface DoctorFinding {
  readonly code: DoctorFindingCode;
  readonly severity: "error" | "warning";
  /** The variable, and the file and line where it stands; "" where it is about no place. */
  readonly place: string;
  /** What is wrong here. */
  readonly message: string;
  /** Why go behaves so. */
  readonly rule: string;
  /** The one command that mends it. */
  readonly help: string;
}

/** A finding with severity and rule of its code, and its help where none is given. */
export function doctorFinding(
  code: DoctorFindingCode,
  details: Pick<DoctorFinding, "place" | "message"> & Partial<Pick<DoctorFinding, "help">>,
): DoctorFinding {
  const { severity, meaning, help } = doctorFindingCodes[code];
  return { code, severity, rule: meaning, help, ...details };
}

/** The worst first; those of one code as they came. */
export function sortDoctorFindings(findings: readonly DoctorFinding[]): DoctorFinding[] {
  const order = Object.keys(doctorFindingCodes);
  return findings.toSorted((left, right) => order.indexOf(left.code) - order.indexOf(right.code));
}
