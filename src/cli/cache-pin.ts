import { type PinChange, pinVersions, unpinVersions } from "../store/change-pins.ts";
import type { CommandRun, CommandSpec } from "./define-command.ts";
import { counted } from "./human-units.ts";
import type { CommandResult } from "./render.ts";
import { readGoSums } from "./read-go-sums.ts";

/** `modgate cache pin`: what go.sum files name is never evicted. */
export const cachePinCommand: CommandSpec = {
  usage: "pin <go.sum...>",
  summary: "Keep every version of go.sum files from eviction and pruning",
  examples: ["modgate cache pin go.sum", "modgate cache pin service-a/go.sum service-b/go.sum"],
  takesConfig: "cache",
  run: (run) => change(run, pinVersions, "pinned"),
};

/** `modgate cache unpin`: the other way. */
export const cacheUnpinCommand: CommandSpec = {
  usage: "unpin <go.sum...>",
  summary: "Let every version of go.sum files be evicted again",
  examples: ["modgate cache unpin go.sum"],
  takesConfig: "cache",
  run: (run) => change(run, unpinVersions, "unpinned"),
};

async function change(run: CommandRun, act: typeof pinVersions, done: string): Promise<CommandResult> {
  const [paths] = run.args;
  const versions = await readGoSums(Array.isArray(paths) ? paths : []);
  await using store = await run.context.openStore(await run.context.loadConfig(run.flags));
  const report: PinChange = await act(store.files.parts, versions, run.context.signal);
  return {
    data: report,
    exitCode: 0,
    text: () =>
      `${counted(report.changed.length, "version")} ${done}, ${report.unchanged.length} were already; ${report.total} pinned in all\n`,
  };
}
