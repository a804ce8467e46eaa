/** What differs between the rows of a table, with its values in the order of the rows. */
export interface LabAxis {
  /** Its key in `values` of a row. */
  readonly name: string;
  /** The head of its column. */
  readonly title: string;
  readonly values: readonly string[];
  /** Rows with different values of it are never folded into one line. */
  readonly isKept?: boolean;
}

/** What a run of go is compared by when it went through another proxy; nothing of it differs from run to run. */
export interface LabEvidence {
  /** Each path that go asked for, with the class of the answer such as 2xx, or `none`; sorted. */
  readonly answers: readonly string[];
  /** Lines of go.sum after the run; none where there is no project. */
  readonly goSum: readonly string[];
  /** Name and SHA-256 of each zip in the module cache; sorted. */
  readonly zips: readonly string[];
}

/** One run of go and what came of it. */
export interface LabRow {
  /** The value of each axis. */
  readonly values: Readonly<Record<string, string>>;
  /** Its name, such as goes-on. */
  readonly outcome: string;
  /** What go did, in words that follow "go". */
  readonly did: string;
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  /** What go printed on standard error, with {NAME} for what differs from run to run. */
  readonly message: string;
  /** What was counted or measured, by the titles of their columns. */
  readonly facts: Readonly<Record<string, string>>;
  /** What to do, in whole sentences; null where the lab has no advice. */
  readonly advice: string | null;
  /** The one command to type; null where nothing is to be done. */
  readonly command: string | null;
  /** Null where the lab is about no proxy. */
  readonly evidence: LabEvidence | null;
}

/** A table of runs that differ along the same axes. */
export interface LabTable {
  readonly title: string;
  /** What whoever reads it must know, a sentence or two each; `backticks` around what is typed. */
  readonly notes: readonly string[];
  readonly axes: readonly LabAxis[];
  /** Titles of the facts that have columns of their own. */
  readonly columns: readonly string[];
  /** Whether each outcome is told in full below the table. */
  readonly hasLegend: boolean;
  readonly rows: readonly LabRow[];
}

/** All that a lab observed. */
export interface LabReport {
  /** Its name on the command line. */
  readonly lab: string;
  readonly title: string;
  /** Such as go1.26.8. */
  readonly go: string;
  readonly tables: readonly LabTable[];
}
