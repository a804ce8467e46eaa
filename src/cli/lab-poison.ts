import { runPoisonLab } from "../lab/poison-lab.ts";
import type { CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { buildCacheOf, buildCacheOption, labOf, labOptions } from "./lab-options.ts";
import { poisonMarkdown, poisonText } from "./lab-poison-text.ts";

/** `modgate lab poison`: how a module cache is poisoned, what comes of it, and what stops it. */
export const labPoisonCommand: CommandSpec = {
  usage: "poison",
  summary: "Replay how wrong bytes get into a module cache, and what stops them",
  examples: ["modgate lab poison", "modgate lab poison --markdown > poison.md", "modgate lab poison --json"],
  details:
    "A version is published and recorded in a checksum database of the lab's own; a\n" +
    "proxy has other bytes for it; the database is kept from being asked, by\n" +
    "GOSUMDB=off or GOPRIVATE=*. Every step runs the real go, and a real\n" +
    "`modgate serve`, on 127.0.0.1 in throw-away folders; nothing of yours is read or\n" +
    "changed. {honest}, {other}, {database} and {gateway} stand for addresses.\n" +
    "Exit code 0 where the lab could run.",
  options: [...labOptions, buildCacheOption],
  async run(run) {
    const { machine, go } = labOf(run);
    using progress = run.progress("steps");
    let steps = 0;
    const report = await runPoisonLab({
      machine,
      go,
      buildCache: buildCacheOf(run),
      modgate: run.context.self,
      onStep: (label) => progress.update(steps++, null, label),
    });
    return {
      data: report,
      exitCode: exitCodes.fine,
      text: (view) => (run.options["markdown"] === true ? poisonMarkdown(report) : poisonText(report, view)),
    };
  },
};
