import type { LabStep } from "./lab-story.ts";
import { PoisonBench, type PoisonOptions } from "./poison-bench.ts";
import { stopAtGateway } from "./poison-gateway.ts";
import { otherModule, poisonSubject, publishedModule } from "./poison-scene.ts";
import { repair } from "./poison-repair.ts";
import { buildLater, poison, publish, refuse } from "./poison-steps.ts";

/** The whole chain. */
export interface PoisonReport {
  /** Such as go1.26.8. */
  readonly go: string;
  readonly module: string;
  /** The h1 of the zip that was published, and of the other one. */
  readonly published: string;
  readonly other: string;
  readonly steps: readonly LabStep[];
}

/**
 * Replays how other bytes than were published get into a module cache, what later builds make of them, and how a
 * gateway would have stopped them: every step with the real go, in folders that are gone when the answer is there.
 * USAGE where go cannot be run.
 */
export async function runPoisonLab(options: PoisonOptions): Promise<PoisonReport> {
  await using bench = await PoisonBench.open(options);
  const go = await bench.go.version(bench.folder);
  const { onStep } = options;
  onStep("what was published");
  const steps = [await publish(bench), await refuse(bench)];
  onStep("other bytes");
  const byDatabase = await poison(bench, "GOSUMDB");
  const byPrivate = await poison(bench, "GOPRIVATE");
  steps.push(byDatabase.step, byPrivate.step);
  onStep("later builds");
  steps.push(await buildLater(bench, byDatabase));
  onStep("repair");
  steps.push(await repair(bench, byDatabase));
  onStep("modgate in between");
  steps.push(...(await stopAtGateway(bench)));
  return { go, module: poisonSubject, published: publishedModule.zipHash, other: otherModule.zipHash, steps };
}
