import { type ExplainedSetting, explainConfig } from "../config/explain-config.ts";
import { Problem } from "../kernel/problem.ts";
import type { CommandSpec } from "./define-command.ts";
import { type Column, renderTable } from "./table.ts";

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
      text: (view) => renderTable(columns, settings.flatMap(rowsOf), view),
    };
  },
};

const unset = "-";

const columns: readonly Column[] = [
  { title: "SETTING" },
  { title: "FROM", style: (cell) => (cell === "default" ? "dim" : null) },
  // The last one, since its texts may be long.
  { title: "VALUE" },
];

function rowsOf({ key, origin, value, shadows }: ExplainedSetting): string[][] {
  const shadowed = shadows.map((shadow) => ["└ shadows", shadow.origin, show(shadow.value)]);
  return [[key, origin, show(value)], ...shadowed.filter(([, , shown]) => shown !== unset)];
}

// Lists of words as a flag takes them, all else as JSON.
function show(value: unknown): string {
  if (value === null || value === undefined) return unset;
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(",") || unset;
  const json = JSON.stringify(value);
  return json === "{}" || json === "[]" ? unset : json;
}
