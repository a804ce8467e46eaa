/** One run of the command. */
export interface ArmRun {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly tookMs: number;
  /** The last line that is not blank, of standard error, else of standard output. */
  readonly lastLine: string;
  /** After how long the client gave a request up, the shortest of them; null where it waited for all. */
  readonly gaveUpAfterMs: number | null;
}

/** The runs of one way to the server. */
export interface Arm {
  readonly name: "straight" | "pass-through" | "fault";
  readonly runs: readonly ArmRun[];
}

/** What the arms say of the cause. */
export interface ArmsVerdict {
  /** `fault`: it fails with the injected fault alone; `unclear`: the arms do not tell. */
  readonly cause: "target" | "proxy" | "fault" | "unclear";
  readonly statement: string;
  readonly evidence: readonly string[];
}

/** Compares the three arms. `faults` are the injected ones, as `--fault` writes them. */
export function judgeArms(arms: readonly Arm[], faults: readonly string[]): ArmsVerdict {
  const of = (name: Arm["name"]): readonly ArmRun[] => arms.find((arm) => arm.name === name)?.runs ?? [];
  const [straight, passed, spoilt] = [of("straight"), of("pass-through"), of("fault")];
  const evidence = arms.map(({ name, runs }) => `${name}: ${shareOf(runs)}${firstFailure(runs)}`);
  const injected = faults.length === 0 ? "no fault" : faults.join(" ");
  if (failures(straight) > 0) {
    return {
      cause: "target",
      statement: `It fails without any proxy, ${shareOf(straight)}: the cause is the server or the client itself.`,
      evidence,
    };
  }
  if (failures(passed) > 0) {
    return {
      cause: "proxy",
      statement: `It fails behind a proxy that changes nothing, ${shareOf(passed)}, and not without one.`,
      evidence,
    };
  }
  if (failures(spoilt) === 0) {
    return {
      cause: "unclear",
      statement: `The arms do not tell: it passes every way, also with ${injected}.`,
      evidence,
    };
  }
  const gaveUp = spoilt.flatMap(({ gaveUpAfterMs }) => gaveUpAfterMs ?? []).sort((one, other) => one - other)[0];
  const patience = gaveUp === undefined ? "" : `; the client gives up after ${Math.round(gaveUp / 100) * 100} ms`;
  const always = failures(spoilt) === spoilt.length ? "" : `, ${shareOf(spoilt)}`;
  return { cause: "fault", statement: `It fails only with ${injected}${always}${patience}.`, evidence };
}

function failures(runs: readonly ArmRun[]): number {
  return runs.filter(({ exitCode }) => exitCode !== 0).length;
}

function shareOf(runs: readonly ArmRun[]): string {
  return `${failures(runs)} of ${runs.length} runs fail`;
}

function firstFailure(runs: readonly ArmRun[]): string {
  const failed = runs.find(({ exitCode }) => exitCode !== 0);
  if (failed === undefined) return "";
  const line = failed.lastLine === "" ? "it says nothing" : failed.lastLine;
  return `: exit ${failed.exitCode ?? "by a signal"} after ${Math.round(failed.tookMs)} ms: ${line}`;
}
