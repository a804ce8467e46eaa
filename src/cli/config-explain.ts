import { explainConfig } from "../config/explain-config.ts";
import { Problem } from "../kernel/problem.ts";
import type { CommandSpec } from "./define-command.ts";
import { renderTable } from "./table.ts";

/** `modgate config explain`: every effective value, where it came from, and what it shadows. */
export const configExplainCommand: CommandSpec = {
  usage: "explain [key]",
  summary: "Print each effective setting, where it came from, and what it shadows",
  examples: [
    "modgate config explain",
    "modgate config explain upstream",
    "modgate config explain --listen :9000 --json",
  ],
  takesConfig: "all",
  async run({ context, args, flags }) {
    const loaded = await context.loadConfig(flags);
    const all = explainConfig(loaded);
    const [key] = args;
    const settings =
      key === undefined
        ? all
        : all.filter((setting) => setting.key === key || setting.key.startsWith(`${String(key)}.`));
    if (settings.length === 0) {
      throw new Problem("USAGE", `There is no setting "${String(key)}"`, {
        hint: "modgate config explain lists them all",
      });
    }
    return {
      data: { file: loaded.file, settings },
      exitCode: 0,
      text: (view) =>
        renderTable(
          [{ title: "SETTING" }, { title: "VALUE" }, { title: "FROM" }, { title: "SHADOWS" }],
          settings.map((setting) => [
            setting.key,
            show(setting.value),
            setting.origin,
            setting.shadows.map((shadow) => `${shadow.origin}: ${show(shadow.value)}`).join("; "),
          ]),
          view,
        ),
    };
  },
};

function show(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "string" ? value : JSON.stringify(value);
}
