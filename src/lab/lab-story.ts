/** One command that ran. */
export interface LabRun {
  /** Where it ran, or why, in words that end in a colon; null where that is plain. */
  readonly note: string | null;
  /** As it is typed, settings first, with {NAME} for what differs from run to run. */
  readonly command: string;
  /** Null where a signal ended it, as it ends a gateway. */
  readonly exitCode: number | null;
  /** What it printed on both streams, masked likewise. */
  readonly output: string;
}

/** One thing that was measured and not printed by a command. */
export interface LabFact {
  readonly name: string;
  readonly value: string;
}

/** A step of an experiment: what is shown, what ran, what was found. */
export interface LabStep {
  /** Its name in --json, such as other-bytes. */
  readonly id: string;
  readonly title: string;
  /** What it shows, in whole sentences. */
  readonly shows: string;
  readonly runs: readonly LabRun[];
  readonly facts: readonly LabFact[];
}
