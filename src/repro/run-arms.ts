import type { FaultPlan } from "../faults/fault.ts";
import { faultText } from "../faults/fault.ts";
import { startFaultProxy } from "../faults/fault-proxy.ts";
import type { Clock } from "../kernel/clock.ts";
import { type Random, seededRandom } from "../kernel/random.ts";
import type { RunProcess } from "../upstream/process-group.ts";
import type { Arm, ArmRun } from "./judge-arms.ts";
import { type PointedCommand, pointAt } from "./point-at.ts";

interface ArmsParts {
  readonly target: URL;
  readonly command: PointedCommand;
  readonly cwd: string;
  readonly plan: FaultPlan;
  readonly runs: number;
  readonly seed: number;
  readonly run: RunProcess;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told before each run. */
  readonly onRun: (arm: Arm["name"], number: number) => void;
}

const nothing: FaultPlan = { faults: [], rate: 1, path: null };

/**
 * Runs the command so many times each way: straight at the target, through a proxy that passes everything on, and
 * through one that injects the faults. One after the other in turn, so that whatever else happens meets all alike.
 * Rejects with node's error where the command cannot be run.
 */
export async function runArms(parts: ArmsParts): Promise<readonly Arm[]> {
  const random: Random = seededRandom(parts.seed);
  const gaveUp = { ms: null as number | null };
  const start = (plan: FaultPlan): ReturnType<typeof startFaultProxy> =>
    startFaultProxy({
      target: parts.target,
      plan,
      port: 0,
      random,
      clock: parts.clock,
      onRequest: ({ gaveUpAfterMs }) => {
        if (gaveUpAfterMs !== null) gaveUp.ms = Math.min(gaveUp.ms ?? Infinity, gaveUpAfterMs);
      },
    });
  await using passing = await start(nothing);
  await using spoiling = await start(parts.plan);
  const ways = [
    ["straight", parts.target.href],
    ["pass-through", passing.url],
    ["fault", spoiling.url],
  ] as const;
  const runs: Record<Arm["name"], ArmRun[]> = { straight: [], "pass-through": [], fault: [] };
  for (let number = 1; number <= parts.runs; number++) {
    for (const [name, url] of ways) {
      parts.onRun(name, number);
      gaveUp.ms = null;
      const ran = await runOnce(parts, pointAt(parts.command, parts.target.href, url));
      runs[name].push({ ...ran, gaveUpAfterMs: gaveUp.ms });
    }
  }
  return ways.map(([name]) => ({ name, runs: runs[name] }));
}

/** The injected faults, as `--fault` writes them. */
export function namesOf({ faults, rate }: FaultPlan): readonly string[] {
  return [...faults.map(faultText), ...(rate < 1 ? [`rate=${rate}`] : [])];
}

async function runOnce(
  { cwd, run, clock, signal }: ArmsParts,
  { args: [command = "", ...args], environment }: PointedCommand,
): Promise<Omit<ArmRun, "gaveUpAfterMs">> {
  const startedAt = clock.monotonic();
  const { exitCode, stdout, stderr } = await run({ command, args, cwd, environment }, signal);
  return { exitCode, tookMs: clock.monotonic() - startedAt, lastLine: lastLineOf(stderr) || lastLineOf(stdout) };
}

function lastLineOf(text: string): string {
  return (text.trimEnd().split("\n").at(-1) ?? "").trim().slice(0, 500);
}
