import { parseByteSize } from "../kernel/byte-size.ts";
import type { Flags } from "./config-sources.ts";
import { parseDuration } from "../kernel/duration.ts";
import { flagName, type Setting, variableName } from "./setting.ts";
import { settingList } from "./settings.ts";

/** A command-line flag that sets one setting. */
export interface ConfigFlag {
  /** Without dashes: `cache-max-size`. */
  readonly name: string;
  /** What stands for the value in help: `<yaml>`, `<list>`, `<duration>`. */
  readonly placeholder: string;
  readonly doc: string;
  readonly variable: string;
  readonly key: string;
  /** May stand more than once. */
  readonly isRepeatable: boolean;
}

/** Every flag of the configuration, `--config` first, in the order of the table. */
export function configFlags(): ConfigFlag[] {
  const file = {
    name: "config",
    placeholder: "<file>",
    doc: "Configuration file",
    variable: "MODGATE_CONFIG",
    key: "",
    isRepeatable: false,
  };
  return [file, ...settingList.map(flagOf)];
}

/** The configuration flags among commander's options, whose names are in camel case. */
export function flagsFrom(options: Readonly<Record<string, unknown>>): Flags {
  const flags: Record<string, string | readonly string[]> = {};
  for (const { name } of configFlags()) {
    const value = options[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
    if (typeof value === "string") flags[name] = value;
    else if (Array.isArray(value)) flags[name] = value.map(String);
  }
  return flags;
}

function flagOf(setting: Setting<unknown>): ConfigFlag {
  return {
    name: flagName(setting),
    placeholder: placeholderOf(setting),
    doc: setting.doc,
    variable: variableName(setting),
    key: setting.key,
    isRepeatable: setting.form === "list",
  };
}

function placeholderOf({ form, isPath, example }: Setting<unknown>): string {
  switch (form) {
    case "number":
      return "<number>";
    case "boolean":
      return "<true|false>";
    case "list":
      return "<list>";
    case "structure":
      return "<yaml>";
    case "text":
      if (isPath === true) return "<path>";
      if (typeof example === "string" && parseDuration(example) !== null) return "<duration>";
      if (typeof example === "string" && parseByteSize(example) !== null) return "<size>";
      return "<text>";
  }
}
