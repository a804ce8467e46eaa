import type { Flags } from "./config-sources.ts";
import { describeIssues } from "./describe-issues.ts";
import { type Fault, type KeyPath } from "./fault.ts";
import { flagName, type Setting, variableName } from "./setting.ts";
import { readYaml } from "./yaml-source.ts";

/** Where a value came from. */
export interface Origin {
  readonly kind: "flag" | "env" | "file" | "go" | "default";
  /** `flag --listen`, `env MODGATE_LISTEN`, `modgate.yaml:3:1`, `go env GOPROXY` or `default`. */
  readonly text: string;
}

/** A value that one source gives for a setting. */
export interface Given {
  /** As it was written, before units and the like are read. */
  readonly written: unknown;
  readonly origin: Origin;
  /** Where something inside it stands; the path starts at the setting. */
  readonly placeOf: (path: KeyPath, at: "key" | "value") => string;
}

/** What the flag says; null where it was not given. */
export function givenByFlag(setting: Setting<unknown>, flags: Flags): Given | readonly Fault[] | null {
  const value = flags[flagName(setting)];
  if (value === undefined) return null;
  const origin: Origin = { kind: "flag", text: `flag --${flagName(setting)}` };
  const texts = typeof value === "string" ? [value] : value;
  if (setting.form !== "list" && texts.length !== 1) {
    return [{ place: origin.text, path: "", message: `stands ${texts.length} times; want it once` }];
  }
  return checked(setting, fromTexts(setting, texts, origin));
}

/** What the variable says; null where it is unset or empty. */
export function givenByVariable(
  setting: Setting<unknown>,
  env: Readonly<Record<string, string | undefined>>,
): Given | readonly Fault[] | null {
  const text = env[variableName(setting)];
  if (text === undefined || text === "") return null;
  const origin: Origin = { kind: "env", text: `env ${variableName(setting)}` };
  return checked(setting, fromTexts(setting, [text], origin));
}

/** A text of another source, such as GOPROXY, as if it had been given for the setting. */
export function givenByText(setting: Setting<unknown>, text: string, origin: Origin): Given | readonly Fault[] {
  return checked(setting, fromTexts(setting, [text], origin));
}

function checked(setting: Setting<unknown>, given: Given | readonly Fault[]): Given | readonly Fault[] {
  if (!("origin" in given)) return given;
  const result = setting.schema.safeParse(given.written);
  if (result.success) return given;
  const root = setting.key.split(".");
  const placeOf = (path: KeyPath, at: "key" | "value"): string => given.placeOf(path.slice(root.length), at);
  const faults = describeIssues(result.error.issues, { root, placeOf });
  // The name of the variable or flag says already which setting it is.
  return faults.map(({ place, path, message }) => ({ place, path: path === setting.key ? "" : path, message }));
}

function fromTexts(setting: Setting<unknown>, texts: readonly string[], origin: Origin): Given | readonly Fault[] {
  const text = texts[0] ?? "";
  const plain = (written: unknown): Given => ({ written, origin, placeOf: () => origin.text });
  switch (setting.form) {
    case "text":
      return plain(text);
    case "number":
      return plain(/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);
    case "boolean":
      return plain(text === "true" ? true : text === "false" ? false : text);
    case "list":
      return plain(texts.flatMap((item) => splitList(setting, item)));
    case "structure":
    default:
      return fromYaml(text, origin);
  }
}

function fromYaml(text: string, origin: Origin): Given | readonly Fault[] {
  const source = readYaml(text, origin.text);
  return "data" in source ? { written: source.data ?? undefined, origin, placeOf: source.placeOf } : source;
}

// Patterns keep their spaces, as in GOPRIVATE: whether those are a mistake is for the lint to say.
function splitList(setting: Setting<unknown>, text: string): string[] {
  const items = setting.keepsSpaces ? text.split(",") : text.split(",").map((item) => item.trim());
  return items.filter((item) => item !== "");
}
