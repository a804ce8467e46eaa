import type { LabOptions } from "../lab/lab-bench.ts";
import type { LabReport } from "../lab/lab-table.ts";
import type { CommandRun, CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { labMarkdown } from "./lab-markdown.ts";
import { buildCacheOf, buildCacheOption, labOf, labOptions } from "./lab-options.ts";
import { labText } from "./lab-text.ts";

/** A lab that fills tables. */
export interface LabSpec {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  /** What its summary does not say; what holds for every lab is added. */
  readonly details: string;
  /** Runs it. */
  readonly runLab: (options: LabOptions) => Promise<LabReport>;
}

const ofEveryLab =
  "\nAll of it on 127.0.0.1 in throw-away folders: nothing of yours is read or\n" +
  "changed, and nothing else is asked. {NAME} stands for what differs from run to\n" +
  "run. Exit code 0 where the lab could run.";

/** The command of a lab: `modgate lab NAME`. */
export function defineLab({ name, summary, examples, details, runLab }: LabSpec): CommandSpec {
  return {
    usage: name,
    summary,
    examples,
    details: details + ofEveryLab,
    options: [["--all", "Print every row; else alike rows are folded"], ...labOptions, buildCacheOption],
    async run(run) {
      using progress = run.progress("runs");
      const report = await runLab({
        ...labOf(run),
        buildCache: buildCacheOf(run),
        onProgress: (done, total) => progress.update(done, total),
        through: null,
      });
      const isWhole = run.options["all"] === true;
      const page = { report, isWhole };
      return {
        data: report,
        exitCode: exitCodes.fine,
        text: (view) => (isMarkdown(run) ? labMarkdown(page, isWhole ? ["--all"] : []) : labText(page, view)),
      };
    },
  };
}

function isMarkdown({ options }: CommandRun): boolean {
  return options["markdown"] === true;
}
