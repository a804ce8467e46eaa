import { Command, Option } from "commander";
import { configFlags, flagsFrom } from "../config/config-flags.ts";
import { Problem } from "../kernel/problem.ts";
import type { CliContext, Flags } from "./cli-context.ts";
import { type ColourChoice, paintFor } from "./colour.ts";
import { helpTitle, shapeHelp } from "./help.ts";
import { Progress } from "./progress.ts";
import { type CommandResult, printResult, type Screen } from "./render.ts";

/** What a command is given to run. */
export interface CommandRun {
  readonly context: CliContext;
  /** Arguments in their order; a variadic one as an array at its place. */
  readonly args: readonly (string | readonly string[] | undefined)[];
  /** Values of the command's own options, by their names in camel case. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Values of the configuration's flags. */
  readonly flags: Flags;
  readonly screen: Screen;
  /** Sets the exit code of a command that prints by itself. */
  readonly setExit: (code: number) => void;
  /** A progress line on standard error, where that is a terminal. */
  readonly progress: (unit: string) => Progress;
}

/** Flags of the configuration: all, those of the data folder and its cache, or those of whom to ask for proofs. */
export type ConfigFlagSet = "all" | keyof typeof flagSets;

/** A command as data; the parser, the help and docs/cli.md are made from it. */
export interface CommandSpec {
  /** Name and arguments, as `smoke <url>`. */
  readonly usage: string;
  readonly summary: string;
  /** Whole command lines, the commonest first. */
  readonly examples: readonly string[];
  /** What its name and summary do not say. */
  readonly details?: string;
  /** [flags, description] in commander's form. */
  readonly options?: readonly (readonly [string, string])[];
  /** Which flags of the configuration it takes. */
  readonly takesConfig?: ConfigFlagSet;
  /** Gives what is printed, or null where the command has printed all itself. */
  run(run: CommandRun): Promise<CommandResult | null>;
}

/** Makes the parser of one command; `parents` is what stands before its name, such as `cache `. */
export function defineCommand(
  context: CliContext,
  spec: CommandSpec,
  {
    parents,
    setExit,
    onScreen,
  }: { parents: string; setExit: (code: number) => void; onScreen: (screen: Screen) => void },
): Command {
  const [name = "", ...words] = spec.usage.split(" ");
  const command = shapeHelp(new Command(name), context).description(spec.summary);
  for (const word of words) command.argument(word);
  for (const [flags, description] of spec.options ?? []) command.option(flags, description);
  command.addOption(new Option("--json", "Print one JSON document"));
  command.addOption(
    new Option("--color <when>", "Colour: auto (on a terminal), always or never")
      .choices(["auto", "always", "never"])
      .default("auto"),
  );
  if (spec.takesConfig) addConfigFlags(command, spec.takesConfig);
  const examples = spec.examples.map((line) => `  $ ${line}\n`).join("");
  command.addHelpText("before", `${spec.summary}.\n\n${helpTitle("Examples:", context)}\n${examples}`);
  if (spec.details !== undefined) command.addHelpText("after", `\n${spec.details}`);
  return command.action(async (...given: unknown[]) => {
    const options = command.opts<Record<string, unknown>>();
    const { stdout, stderr, env, clock } = context;
    const colour: ColourChoice =
      options["color"] === "always" || options["color"] === "never" ? options["color"] : "auto";
    const screen = { command: `${parents}${name}`, stdout, stderr, env, colour, isJson: options["json"] === true };
    onScreen(screen);
    const result = await spec.run({
      context,
      args: given.slice(0, words.length).map((value) => readArgument(value)),
      options,
      flags: flagsFrom(options),
      screen,
      setExit,
      progress: (unit) => new Progress({ output: stderr, env, clock, paint: paintFor(stderr, env, colour), unit }),
    });
    if (result !== null) setExit(printResult(result, screen));
  });
}

/** A whole number of at least `least` from an option; USAGE where it is none. */
export function integerOption(run: CommandRun, name: string, least: number): number | null {
  const value = run.options[name];
  if (value === undefined) return null;
  if (typeof value === "string" && /^\d{1,12}$/.test(value) && Number(value) >= least) return Number(value);
  throw new Problem(
    "USAGE",
    `Cannot read --${name} ${JSON.stringify(value)}: want a whole number of at least ${least}`,
    { hint: `modgate ${run.screen.command} --help` },
  );
}

function readArgument(value: unknown): string | readonly string[] | undefined {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? value : undefined;
}

const settingsTitle = "Settings (also keys and variables, such as cache.ttl and MODGATE_CACHE_TTL):";

/** The names of the flags that a command takes which does not take all. */
export const flagSets = {
  cache: ["config", "data", "cache-max-size"],
  proofs: ["config", "data", "upstream", "private", "sumdb", "network", "direct-go"],
} as const;

function addConfigFlags(command: Command, which: ConfigFlagSet): void {
  const names: readonly string[] | null = which === "all" ? null : flagSets[which];
  for (const flag of configFlags()) {
    if (names?.includes(flag.name) === false) continue;
    const option = new Option(`--${flag.name} ${flag.placeholder}`, flag.doc).helpGroup(settingsTitle);
    if (flag.isRepeatable) {
      option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
    }
    command.addOption(option);
  }
}
