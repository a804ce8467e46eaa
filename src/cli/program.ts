import tab from "@bomb.sh/tab/commander";
import { Command, CommanderError } from "commander";
import { Problem } from "../kernel/problem.ts";
import { auditCacheCommand } from "./audit-cache.ts";
import { bundleCreateCommand } from "./bundle.ts";
import { bundleImportCommand, bundleVerifyCommand } from "./bundle-import.ts";
import { cacheExportCommand } from "./cache-export.ts";
import { cacheImportCommand } from "./cache-import.ts";
import { cacheListCommand } from "./cache-list.ts";
import { cachePinCommand, cacheUnpinCommand } from "./cache-pin.ts";
import { cachePrefetchCommand } from "./cache-prefetch.ts";
import { cachePruneCommand } from "./cache-prune.ts";
import { cacheForgetCommand } from "./cache-forget.ts";
import { cacheRecallCommand, cacheRecallsCommand, cacheUnrecallCommand } from "./cache-recall.ts";
import { cacheStatsCommand } from "./cache-stats.ts";
import { cacheVerifyCommand } from "./cache-verify.ts";
import type { CliContext } from "./cli-context.ts";
import { configCheckCommand } from "./config-check.ts";
import { configExplainCommand } from "./config-explain.ts";
import { configSchemaCommand } from "./config-schema.ts";
import { completionCommand } from "./completion.ts";
import { type CommandSpec, defineCommand } from "./define-command.ts";
import { doctorCommand } from "./doctor.ts";
import { exitCodes } from "./exit-codes.ts";
import { faultCommand } from "./fault.ts";
import { helpTitle, shapeHelp } from "./help.ts";
import { explainCommand } from "./explain.ts";
import { labCommandsCommand } from "./lab-commands.ts";
import { labFailoverCommand } from "./lab-failover.ts";
import { labGosumCommand } from "./lab-gosum.ts";
import { labPoisonCommand } from "./lab-poison.ts";
import { labStatusCommand } from "./lab-status.ts";
import { printProblem, type Screen } from "./render.ts";
import { reproCommand } from "./repro.ts";
import { serveCommand } from "./serve.ts";
import { smokeCommand } from "./smoke-command.ts";
import { sumdbResetCommand } from "./sumdb-reset.ts";
import { sumdbStatusCommand } from "./sumdb-status.ts";
import { sumdbVerifyCommand } from "./sumdb-verify.ts";
import { namedCommand, usageProblem } from "./usage-problem.ts";

/** A command, or a group of them under one word. */
export type CommandEntry =
  | CommandSpec
  | { readonly group: string; readonly summary: string; readonly members: readonly CommandSpec[] };

/** Every command, in the order of the help. */
export const commandTable: readonly CommandEntry[] = [
  serveCommand,
  smokeCommand,
  explainCommand,
  doctorCommand,
  auditCacheCommand,
  faultCommand,
  reproCommand,
  {
    group: "cache",
    summary: "Look into the cache, fill it, keep it and make room",
    members: [
      cacheStatsCommand,
      cacheListCommand,
      cachePrefetchCommand,
      cacheVerifyCommand,
      cacheRecallCommand,
      cacheUnrecallCommand,
      cacheRecallsCommand,
      cacheForgetCommand,
      cachePinCommand,
      cacheUnpinCommand,
      cachePruneCommand,
      cacheExportCommand,
      cacheImportCommand,
    ],
  },
  {
    group: "sumdb",
    summary: "See what is trusted of checksum databases, and settle a fork",
    members: [sumdbStatusCommand, sumdbVerifyCommand, sumdbResetCommand],
  },
  {
    group: "bundle",
    summary: "Carry modules with their proofs over an air gap",
    members: [bundleCreateCommand, bundleVerifyCommand, bundleImportCommand],
  },
  {
    group: "config",
    summary: "Explain, lint and describe the configuration",
    members: [configExplainCommand, configCheckCommand, configSchemaCommand],
  },
  {
    group: "lab",
    summary: "Experiments with the real go command, in throw-away folders",
    members: [labCommandsCommand, labFailoverCommand, labStatusCommand, labGosumCommand, labPoisonCommand],
  },
  completionCommand,
];

/** Runs one command line; gives the exit code. Everything that goes wrong has been printed when it returns. */
export async function runCli(context: CliContext, args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.fine;
  let screen: Screen = {
    command: "",
    stdout: context.stdout,
    stderr: context.stderr,
    env: context.env,
    colour: "auto",
    isJson: args.includes("--json"),
  };
  const program = makeProgram(context, {
    setExit: (code) => {
      exitCode = code;
    },
    onScreen: (used) => {
      screen = used;
    },
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.fine;
      const command = namedCommand(program, args);
      return printProblem(usageProblem(error, command), { ...screen, command });
    }
    if (context.signal.aborted && !(error instanceof Problem)) return exitCodes.interrupted;
    return printProblem(error, screen);
  }
}

/** The parser with every command; also what shell completion is made from. */
export function makeProgram(
  context: CliContext,
  hooks: { readonly setExit: (code: number) => void; readonly onScreen: (screen: Screen) => void },
): Command {
  const program = shapeHelp(new Command("modgate"), context)
    .description("A governed Go module proxy: proves what it serves, tells the truth when it cannot.")
    .version(context.version, "-V, --version", "Print the version")
    .addHelpText("after", `\n${helpTitle("Start here:", context)}\n${firstSteps.join("\n")}`);
  for (const entry of commandTable) {
    if (!("group" in entry)) {
      program.addCommand(defineCommand(context, entry, { parents: "", ...hooks }));
      continue;
    }
    const group = shapeHelp(new Command(entry.group), context).description(entry.summary);
    for (const member of entry.members) {
      group.addCommand(defineCommand(context, member, { parents: `${entry.group} `, ...hooks }));
    }
    program.addCommand(group);
  }
  tab(program);
  return program;
}

const firstSteps = [
  "  $ modgate serve",
  "  $ export GOPROXY=http://127.0.0.1:8080",
  "",
  "`modgate COMMAND --help` has examples and every option.",
];
