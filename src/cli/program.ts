import tab from "@bomb.sh/tab/commander";
import { Command, CommanderError } from "commander";
import { Problem } from "../kernel/problem.ts";
import { cacheExportCommand, cacheImportCommand } from "./cache-export.ts";
import { cacheListCommand } from "./cache-list.ts";
import { cachePinCommand, cacheUnpinCommand } from "./cache-pin.ts";
import { cachePrefetchCommand } from "./cache-prefetch.ts";
import { cachePruneCommand } from "./cache-prune.ts";
import { cacheStatsCommand } from "./cache-stats.ts";
import type { CliContext } from "./cli-context.ts";
import { configCheckCommand } from "./config-check.ts";
import { configExplainCommand } from "./config-explain.ts";
import { configSchemaCommand } from "./config-schema.ts";
import { type CommandSpec, defineCommand } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { explainCommand } from "./explain.ts";
import { printProblem, type Screen } from "./render.ts";
import { serveCommand } from "./serve.ts";
import { smokeCommand } from "./smoke-command.ts";

/** A command, or a group of them under one word. */
export type CommandEntry =
  | CommandSpec
  | { readonly group: string; readonly summary: string; readonly members: readonly CommandSpec[] };

/** Every command, in the order of the help. */
export const commandTable: readonly CommandEntry[] = [
  serveCommand,
  smokeCommand,
  explainCommand,
  {
    group: "cache",
    summary: "Look into the cache, fill it, keep it and make room",
    members: [
      cacheStatsCommand,
      cacheListCommand,
      cachePrefetchCommand,
      cachePinCommand,
      cacheUnpinCommand,
      cachePruneCommand,
      cacheExportCommand,
      cacheImportCommand,
    ],
  },
  {
    group: "config",
    summary: "Explain, lint and describe the configuration",
    members: [configExplainCommand, configCheckCommand, configSchemaCommand],
  },
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
    if (error instanceof CommanderError) return usageExit(error, screen);
    if (context.signal.aborted && !(error instanceof Problem)) return exitCodes.interrupted;
    return printProblem(error, screen);
  }
}

/** The parser with every command; also what shell completion and docs/cli.md are made from. */
export function makeProgram(
  context: CliContext,
  hooks: { readonly setExit: (code: number) => void; readonly onScreen: (screen: Screen) => void },
): Command {
  const program = new Command("modgate")
    .description("A governed Go module proxy: proves what it serves, tells the truth when it cannot.")
    .version(context.version)
    .addHelpText("after", "\nStart here:\n  $ modgate serve\n  $ export GOPROXY=http://127.0.0.1:8080");
  quiet(program, context);
  for (const entry of commandTable) {
    if (!("group" in entry)) {
      program.addCommand(quiet(defineCommand(context, entry, { parents: "", ...hooks }), context));
      continue;
    }
    const group = quiet(new Command(entry.group).description(entry.summary), context);
    for (const member of entry.members) {
      group.addCommand(quiet(defineCommand(context, member, { parents: `${entry.group} `, ...hooks }), context));
    }
    program.addCommand(group);
  }
  tab(program, { completionCommandName: "completion" });
  return program;
}

function quiet(command: Command, context: CliContext): Command {
  return command.exitOverride().configureOutput({
    writeOut: (text) => context.stdout.write(text),
    // Usage errors are printed by usageExit, once and in the shape of every other problem.
    writeErr: () => {},
  });
}

function usageExit(error: CommanderError, screen: Screen): number {
  if (error.exitCode === 0) return exitCodes.fine;
  if (error.code === "commander.help") {
    return printProblem(
      new Problem("USAGE", "A command is missing", { hint: `modgate ${screen.command} --help`.replace("  ", " ") }),
      screen,
    );
  }
  const message = error.message.replace(/^error: /, "").replace(/^./, (letter) => letter.toUpperCase());
  return printProblem(new Problem("USAGE", message, { hint: "modgate --help, or --help after the command" }), screen);
}
