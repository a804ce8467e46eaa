import { Command, CommanderError } from "commander";
import { Problem } from "../kernel/problem.ts";
import type { CliContext } from "./cli-context.ts";
import { serveCommand } from "./serve.ts";

/** Runs one command line; gives the exit code. Everything that goes wrong has been printed when it returns. */
export async function runCli(context: CliContext, args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command("modgate")
    .description("A governed Go module proxy: proves what it serves, tells the truth when it cannot.")
    .version(context.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    });
  for (const make of [serveCommand]) {
    program.addCommand(
      make(context, (code) => {
        exitCode = code;
      }),
    );
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const problem = Problem.from(error);
    context.stderr.write(`modgate: ${problem.message}\nhelp: ${problem.hint}\n`);
    if (problem.code === "INTERNAL")
      context.stderr.write(`${String(problem.cause instanceof Error ? problem.cause.stack : problem.cause)}\n`);
    return 2;
  }
}
