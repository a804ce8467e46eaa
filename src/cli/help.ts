import type { Argument, Command } from "commander";
import type { CliContext } from "./cli-context.ts";
import { paintFor, wantsColour } from "./colour.ts";

// A pipe or file has no width of its own.
const pipeWidth = 100;

/** Gives a command the help, and the silence about usage errors, that every command of modgate has. */
export function shapeHelp(command: Command, { stdout, env }: Pick<CliContext, "stdout" | "env">): Command {
  const paint = paintFor(stdout, env);
  return command
    .exitOverride()
    .helpOption("-h, --help", "Show this help")
    .helpCommand(false)
    .configureHelp({
      minWidthToWrap: 20,
      styleTitle: (title) => paint("bold", title),
      optionDescription: (option) => option.description,
      // A command's own summary stands above its examples.
      commandDescription: (described) => (described.commands.length === 0 ? "" : described.description()),
      subcommandTerm: (member) => [member.name(), ...member.registeredArguments.map(argumentTerm)].join(" "),
      // `complete` is what completion scripts call.
      visibleCommands: (parent) => parent.commands.filter((member) => member.name() !== "complete"),
    })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      // Usage errors are printed once, in the shape of every other problem.
      writeErr: () => {},
      getOutHelpWidth: () => (stdout.isTTY ? stdout.columns : pipeWidth),
      getOutHasColors: () => wantsColour(stdout, env),
    });
}

/** A heading of text beside commander's own. */
export function helpTitle(title: string, { stdout, env }: Pick<CliContext, "stdout" | "env">): string {
  return paintFor(stdout, env)("bold", title);
}

function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}
