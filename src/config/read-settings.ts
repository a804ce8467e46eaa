import { dirname, isAbsolute, join } from "node:path";
import type { ConfigSources, GoEnv } from "./config-sources.ts";
import { describeIssues } from "./describe-issues.ts";
import type { Fault } from "./fault.ts";
import { fileSchema } from "./file-schema.ts";
import { type ConfigFile, findConfigFile } from "./find-file.ts";
import { type Given, givenByFlag, givenByVariable } from "./given.ts";
import { defaultsFromGo } from "./go-defaults.ts";
import { flagName, type Setting } from "./setting.ts";
import { settingList, settings } from "./settings.ts";

/** One setting as it holds, and what it shadows, the strongest first. */
export interface ResolvedSetting {
  readonly setting: Setting<unknown>;
  readonly winner: Given;
  readonly shadows: readonly Given[];
  /** The folder that relative paths in it start from. */
  readonly folder: string;
}

/** Every setting by its key, and what is wrong with any source. */
export interface ReadSettings {
  readonly resolved: ReadonlyMap<string, ResolvedSetting>;
  readonly faults: readonly Fault[];
  readonly file: ConfigFile | null;
  /** Null where the go command was not asked, or cannot be run. */
  readonly goEnv: GoEnv | null;
}

/**
 * Reads every source: flag before variable before file before the default, where `upstream`, `sumdb` and
 * `private` take theirs from go. Never rejects for what a person wrote: all of it is in `faults`, and a
 * setting with a fault is left out of `resolved`.
 */
export async function readSettings(sources: ConfigSources): Promise<ReadSettings> {
  const faults: Fault[] = unknownFlags(sources);
  const found = await findConfigFile(sources);
  const file = found !== null && "source" in found ? found : null;
  if (found !== null && !("source" in found)) faults.push(...found);
  const fileFaults = file === null ? [] : faultsOfFile(file);
  faults.push(...fileFaults);

  const candidates = new Map<string, Given[]>();
  const spoiled = new Set<string>();
  const add = (setting: Setting<unknown>, given: Given | readonly Fault[] | null): void => {
    if (given === null) return;
    if ("origin" in given) {
      candidates.set(setting.key, [...(candidates.get(setting.key) ?? []), given]);
      return;
    }
    spoiled.add(setting.key);
    faults.push(...given);
  };
  for (const setting of settingList) {
    add(setting, givenByFlag(setting, sources.flags));
    add(setting, givenByVariable(setting, sources.env));
    if (file !== null) {
      if (fileFaults.some(({ path }) => isWithin(path, setting.key))) spoiled.add(setting.key);
      else add(setting, givenByFile(setting, file));
    }
  }

  const goCommand = candidates.get(settings.directGo.key)?.[0]?.written;
  const goDefaults = await defaultsFromGo(sources, {
    alreadyGiven: new Set([...candidates.keys(), ...spoiled]),
    isOffline: candidates.get(settings.network.key)?.[0]?.written === "offline",
    goCommand: typeof goCommand === "string" ? goCommand : settings.directGo.default,
  });
  for (const [setting, given] of goDefaults.given) add(setting, given);
  for (const setting of settingList) add(setting, ownDefault(setting, sources));

  const resolved = new Map<string, ResolvedSetting>();
  for (const setting of settingList) {
    const [winner, ...shadows] = candidates.get(setting.key) ?? [];
    if (winner === undefined || spoiled.has(setting.key)) continue;
    const folder = winner.origin.kind === "file" && file !== null ? dirname(file.path) : sources.cwd;
    resolved.set(setting.key, { setting, winner, shadows, folder });
  }
  return { resolved, faults, file, goEnv: goDefaults.goEnv };
}

// A fault of a whole group, or of the whole file, spoils every setting in it.
function isWithin(path: string, key: string): boolean {
  return (
    path === "" ||
    path === key ||
    (/^[.[]/.test(path.replace(key, "")) && path.startsWith(key)) ||
    key.startsWith(`${path}.`)
  );
}

function unknownFlags({ flags }: ConfigSources): Fault[] {
  const known = new Set(["config", ...settingList.map(flagName)]);
  return Object.keys(flags)
    .filter((name) => flags[name] !== undefined && !known.has(name))
    .map((name) => ({
      place: `flag --${name}`,
      path: "",
      message: "is no flag of the configuration; want one of docs/config.md",
    }));
}

function faultsOfFile({ source }: ConfigFile): Fault[] {
  const result = fileSchema().safeParse(source.data);
  return result.success ? [] : describeIssues(result.error.issues, { root: [], placeOf: source.placeOf });
}

function givenByFile(setting: Setting<unknown>, { source }: ConfigFile): Given | null {
  const root = setting.key.split(".");
  let written: unknown = source.data;
  for (const key of root) {
    if (typeof written !== "object" || written === null) return null;
    written = Object.getOwnPropertyDescriptor(written, key)?.value;
  }
  if (written === undefined || written === null) return null;
  return {
    written,
    origin: { kind: "file", text: source.placeOf(root, "key") },
    placeOf: (path, at) => source.placeOf([...root, ...path], at),
  };
}

function ownDefault(setting: Setting<unknown>, sources: ConfigSources): Given | null {
  const written = setting.key === settings.data.key ? dataDefault(sources) : setting.default;
  if (written === null && setting.key !== settings.data.key && setting.goVariable !== undefined) return null;
  return { written, origin: { kind: "default", text: "default" }, placeOf: () => "default" };
}

// https://specifications.freedesktop.org/basedir-spec/latest/: a relative path in the variable counts as unset.
function dataDefault({ env, homedir }: ConfigSources): string | null {
  const dataHome = env["XDG_DATA_HOME"] ?? "";
  if (isAbsolute(dataHome)) return join(dataHome, "modgate");
  return homedir === "" ? null : join(homedir, ".local", "share", "modgate");
}
