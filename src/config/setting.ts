import type * as z from "zod";

/** How a setting is written in a variable or a flag. */
export type SettingForm =
  /** As it is. */
  | "text"
  | "number"
  | "boolean"
  /** Items between commas; a flag may also stand more than once. */
  | "list"
  /** YAML or JSON. */
  | "structure";

/** One line of the settings table, from which file schema, variables, flags and documentation are made. */
export interface Setting<T> {
  /** Its place in the file, keys joined by dots: `cache.maxSize`. */
  readonly key: string;
  readonly form: SettingForm;
  readonly schema: z.ZodType<T>;
  /** As it would be written; null where it is unset. */
  readonly default: unknown;
  /** What the documentation says in place of a default that depends on the machine. */
  readonly defaultText?: string;
  /** One line. */
  readonly doc: string;
  /** As it would be written. */
  readonly example: unknown;
  /** Variables of `go` whose value is the default, first the environment, then `go env`. */
  readonly goVariable?: "GOPROXY" | "GOSUMDB" | "GOPRIVATE";
  /** Paths of files in it are read from the folder of the configuration file, or from the current one. */
  readonly isPath?: boolean;
  /** The items of its list are not trimmed. */
  readonly keepsSpaces?: boolean;
}

/** `cache.maxSize` → `cache-max-size`, the flag without its dashes. */
export function flagName(setting: Pick<Setting<unknown>, "key">): string {
  return setting.key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll(".", "-");
}

/** `cache.maxSize` → `MODGATE_CACHE_MAX_SIZE`. */
export function variableName(setting: Pick<Setting<unknown>, "key">): string {
  return `MODGATE_${flagName(setting).replaceAll("-", "_").toUpperCase()}`;
}
