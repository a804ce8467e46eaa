import { combinationsOf } from "../lab/gosum-axes.ts";
import { runGosumLab } from "../lab/gosum-lab.ts";
import { gosumTable } from "../lab/gosum-table.ts";
import type { CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { labMarkdown } from "./lab-markdown.ts";
import { labOf, labOptions } from "./lab-options.ts";
import { labText } from "./lab-text.ts";

/** `modgate lab gosum`: what go does with every state of go.sum, module cache and network. */
export const labGosumCommand: CommandSpec = {
  usage: "gosum",
  summary: "Run go with every state of go.sum, cache and network, and say what it does",
  examples: [
    "modgate lab gosum",
    "modgate lab gosum --only sum=wrong,cache=yes --all",
    "modgate lab gosum --go ~/sdk/go1.25.1/bin/go --markdown > gosum.md",
    "modgate lab gosum --json | jq '.data.rows[] | select(.exitCode != 0) | .command'",
  ],
  details:
    "48 combinations, each a real `go build` in a throw-away folder with its own\n" +
    "module cache, against a proxy and a checksum database on 127.0.0.1. Nothing of\n" +
    "yours is read or changed, and nothing else is asked. A module in the cache was\n" +
    "downloaded with GOSUMDB=off: were the database's answer cached too, no row would\n" +
    "need the database.\n" +
    "{proxy}, {database} and {folder} stand for what differs from run to run; --json\n" +
    "has what go printed, too. Exit code 0 where the lab could run.",
  options: [
    ["--only <filter>", "Only rows such as sum=wrong,cache=yes; further: network, sumdb, mod"],
    ["--all", "Print every row, where rows of one outcome are folded else"],
    ...labOptions,
  ],
  async run(run) {
    const { machine, go } = labOf(run);
    const combinations = combinationsOf(typeof run.options["only"] === "string" ? run.options["only"] : "");
    using progress = run.progress("runs");
    const report = await runGosumLab({
      machine,
      go,
      combinations,
      onProgress: (done) => progress.update(done, combinations.length),
    });
    const isWhole = run.options["all"] === true;
    const page = { report: gosumTable(report), isWhole };
    return {
      data: report,
      exitCode: exitCodes.fine,
      text: (view) =>
        run.options["markdown"] === true ? labMarkdown(page, isWhole ? ["--all"] : []) : labText(page, view),
    };
  },
};
