import { commandTable } from "../src/cli/program.ts";
import { type CommandSpec, flagSets } from "../src/cli/define-command.ts";

/** docs/cli.md, made from the table of commands. */
export function cliPage(): string {
  const lines = [intro];
  for (const entry of commandTable) {
    if (!("group" in entry)) lines.push(...commandLines(entry, ""));
    else {
      lines.push(`## \`modgate ${entry.group}\``, "", `${entry.summary}.`, "");
      for (const member of entry.members) lines.push(...commandLines(member, `${entry.group} `));
    }
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

function commandLines(spec: CommandSpec, parents: string): string[] {
  const heading = parents === "" ? "##" : "###";
  const lines = [`${heading} \`modgate ${parents}${spec.usage}\``, "", `${spec.summary}.`, ""];
  lines.push("```sh", ...spec.examples, "```", "");
  if (spec.details !== undefined) lines.push(spec.details.replaceAll("\n", " "), "");
  const options = spec.options ?? [];
  if (options.length > 0) {
    lines.push("| option | meaning |", "|---|---|");
    for (const [flags, meaning] of options) lines.push(`| \`${flags.replaceAll("|", "\\|")}\` | ${meaning} |`);
    lines.push("");
  }
  if (spec.takesConfig === "all") lines.push("Takes every setting of [config.md](config.md) as a flag.", "");
  else if (spec.takesConfig) lines.push(`Takes ${listed(flagSets[spec.takesConfig])}.`, "");
  return lines;
}

function listed(names: readonly string[]): string {
  const flags = names.map((name) => `\`--${name}\``);
  return `${flags.slice(0, -1).join(", ")} and ${flags.at(-1)}`;
}

const intro = `# Commands

Made from the code by \`npm run docs\`.

Every command also takes \`--help\`; every one that prints data takes \`--json\`, and prints one document \`{"schemaVersion": 1, "command", "exitCode", "data"}\`, with \`error\` in place of \`data\` where it failed. Results go to standard output, all else to standard error. Colour follows \`--color auto|always|never\`, FORCE_COLOR, NO_COLOR and TERM=dumb; progress is drawn on a terminal alone.

| exit code | meaning |
|---|---|
| 0 | fine |
| 1 | something was found: a failed check, a missing file, a warning |
| 2 | the command line or the configuration is wrong |
| 3 | the network: nobody could be asked |
| 4 | integrity: what came is not what it claims to be |
| 130 | interrupted |
`;
