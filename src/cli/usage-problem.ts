import type { Command, CommanderError } from "commander";
import { Problem } from "../kernel/problem.ts";

/** The command that a command line names, without `modgate`: `cache list`, `cache`, or "" where it names none. */
export function namedCommand(program: Command, args: readonly string[]): string {
  const names: string[] = [];
  let command = program;
  for (const word of args) {
    const member = command.commands.find((candidate) => candidate.name() === word);
    if (!member) break;
    names.push(word);
    command = member;
  }
  return names.join(" ");
}

/** What is wrong with a command line, as a USAGE problem whose hint is the command line to type next. */
export function usageProblem(error: CommanderError, command: string): Problem {
  const help = `${["modgate", command].filter((word) => word !== "").join(" ")} --help`;
  if (error.code === "commander.help") return new Problem("USAGE", "A command is missing", { hint: help });
  const [, message = "", wish] = /^(?:error: )?(.*?)\.?(?:\s*\(Did you mean (.*)\?\))?$/s.exec(error.message) ?? [];
  const sentence = message.replace(/^./, (letter) => letter.toUpperCase()).replaceAll("'", '"');
  return new Problem("USAGE", sentence, { hint: wish === undefined ? help : `did you mean ${wish}? else: ${help}` });
}
