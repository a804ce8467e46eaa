import { parseFaults } from "../faults/fault.ts";
import { Problem } from "../kernel/problem.ts";
import { judgeArms } from "../repro/judge-arms.ts";
import { processGroups } from "../upstream/process-group.ts";
import { type CommandRun, type CommandSpec, integerOption } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { humanDuration } from "./human-units.ts";
import { renderTable } from "./table.ts";

/** `modgate repro`: whether a fault of the way to a server explains a failure. */
export const reproCommand: CommandSpec = {
  usage: "repro <command...>",
  summary: "Find out whether a fault on the way to a server makes a command fail",
  examples: [
    "modgate repro --target http://127.0.0.1:9000 --fault latency=3500ms -- ./client.sh",
    "modgate repro --target https://proxy.corp.example --fault status=503 -- go mod download",
  ],
  details:
    "Runs the command three ways in turn: straight at the target, through a proxy\n" +
    "that changes nothing, and through one that injects the faults of --fault (see\n" +
    "`modgate fault --help`). The target's URL is replaced wherever it stands in the\n" +
    "command's words and environment, GOPROXY among them; MODGATE_TARGET has it too.\n" +
    "Then it states the cause with its evidence, or says that the arms do not tell.\n" +
    "Exit code 1 where it failed any way.",
  options: [
    ["--target <url>", "The server that the command asks"],
    ["--fault <fault...>", "What the third way injects (default: status=503)"],
    ["--path <glob>", "Only into answers to paths that fit"],
    ["--runs <n>", "Runs each way (default: 3)"],
    ["--seed <n>", "Of the random numbers behind rate= (default: printed)"],
  ],
  async run(run) {
    const { context, options } = run;
    const words = Array.isArray(run.args[0]) ? run.args[0].map(String) : [];
    const given = Array.isArray(options["fault"]) ? options["fault"].map(String) : ["status=503"];
    const plan = parseFaults(given, typeof options["path"] === "string" ? options["path"] : null);
    const target = targetOf(run);
    const runs = integerOption(run, "runs", 1) ?? 3;
    const seed = integerOption(run, "seed", 0) ?? Math.floor(context.random() * 1_000_000);
    const set = Object.entries(context.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const { namesOf, runArms } = await import("../repro/run-arms.ts");
    let done = 0;
    using progress = run.progress("runs");
    const arms = await runArms({
      target,
      command: { args: words, environment: Object.fromEntries(set) },
      cwd: process.cwd(),
      plan,
      runs,
      seed,
      run: processGroups(context.clock),
      clock: context.clock,
      signal: context.signal,
      onRun: (arm, number) => progress.update(done++, 3 * runs, `${arm}, run ${number}`),
    }).catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") {
        throw new Problem("USAGE", `Cannot run ${JSON.stringify(words[0])}: there is no such command`, {
          hint: `modgate ${run.screen.command} --target URL -- COMMAND`,
        });
      }
      throw error;
    });
    const verdict = judgeArms(arms, namesOf(plan));
    const hasFailed = arms.some((arm) => arm.runs.some(({ exitCode }) => exitCode !== 0));
    return {
      data: { target: maskedUrl(target), faults: namesOf(plan), seed, arms, verdict },
      exitCode: hasFailed ? exitCodes.findings : exitCodes.fine,
      text: (view) =>
        `${view.paint("bold", verdict.statement)}\n\n` +
        renderTable(
          [{ title: "WAY" }, { title: "FAILED", align: "right" }, { title: "TOOK" }, { title: "LAST LINE" }],
          arms.map((arm) => {
            const failed = arm.runs.filter(({ exitCode }) => exitCode !== 0);
            const took = arm.runs.map(({ tookMs }) => tookMs).sort((one, other) => one - other);
            const middle = took[took.length >> 1] ?? 0;
            const shown = failed[0] ?? arm.runs[0];
            return [arm.name, `${failed.length} of ${arm.runs.length}`, humanDuration(middle), shown?.lastLine ?? ""];
          }),
          view,
        ) +
        `\nfault: ${namesOf(plan).join(" ")}, seed ${seed}\n`,
    };
  },
};

function targetOf({ options, screen }: CommandRun): URL {
  const given = options["target"];
  const target = typeof given === "string" ? URL.parse(given) : null;
  if (target !== null && (target.protocol === "http:" || target.protocol === "https:")) return target;
  throw new Problem(
    "USAGE",
    given === undefined ? "A target is missing" : `Cannot read --target ${JSON.stringify(given)}`,
    {
      hint: `modgate ${screen.command} --target http://127.0.0.1:9000 -- ./client.sh`,
    },
  );
}

function maskedUrl(url: URL): string {
  const shown = new URL(url.href);
  if (shown.username !== "") shown.username = "***";
  if (shown.password !== "") shown.password = "***";
  return shown.href;
}
