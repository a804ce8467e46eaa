import type { LoadedConfig } from "../config/load-config.ts";
import type { CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { counted } from "./human-units.ts";
import { findingsText } from "./render.ts";

/** `modgate config check`: everything that is wrong with a configuration, and what each thing would break. */
export const configCheckCommand: CommandSpec = {
  usage: "check",
  summary: "Lint a configuration before it is served",
  examples: ["modgate config check", "modgate config check --config modgate.yaml", "modgate config check --json"],
  details:
    "Exit code 2 where the configuration cannot be served, 1 where there are warnings\nalone, 0 where it is clean.",
  takesConfig: "all",
  async run({ context, flags }) {
    const { findings, loaded } = await context.checkConfig(flags);
    const errors = findings.filter(({ severity }) => severity === "error").length;
    return {
      data: { ok: loaded !== null, findings },
      exitCode: errors > 0 ? exitCodes.usage : findings.length > 0 ? exitCodes.findings : exitCodes.fine,
      text: ({ paint }) =>
        `${findingsText(findings, paint)}${counted(errors, "error")}, ${counted(findings.length - errors, "warning")}${placeOf(loaded)}\n`,
    };
  },
};

function placeOf(loaded: LoadedConfig | null): string {
  if (loaded === null) return "";
  return loaded.file === null ? "; there is no configuration file" : ` in ${loaded.file}`;
}
