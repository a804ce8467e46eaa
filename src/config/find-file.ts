import { isAbsolute, join, relative, resolve } from "node:path";
import type { ConfigSources } from "./config-sources.ts";
import type { Fault } from "./fault.ts";
import { settingList } from "./settings.ts";
import { readYaml, type YamlSource } from "./yaml-source.ts";

/** The configuration file that holds. */
export interface ConfigFile {
  /** Absolute path. */
  readonly path: string;
  readonly source: YamlSource;
}

/**
 * Finds and reads the configuration file: `--config`, `MODGATE_CONFIG`, `modgate.yaml` in the current
 * folder, in `$XDG_CONFIG_HOME/modgate` (else `~/.config/modgate`), in `/etc/modgate`. Null where there
 * is none; a fault where one that was named is missing, or what is there cannot be read.
 */
export async function findConfigFile(sources: ConfigSources): Promise<ConfigFile | readonly Fault[] | null> {
  const { flags, env, cwd, homedir } = sources;
  const flag = flags["config"];
  if (flag !== undefined && typeof flag !== "string" && flag.length !== 1) {
    return [{ place: "flag --config", path: "", message: `stands ${flag.length} times; want it once` }];
  }
  const flagged = typeof flag === "string" ? flag : flag?.[0];
  if (flagged !== undefined) return readNamed(sources, flagged, "flag --config");
  if (env["MODGATE_CONFIG"]) return readNamed(sources, env["MODGATE_CONFIG"], "env MODGATE_CONFIG");
  const configHome = env["XDG_CONFIG_HOME"] || (homedir === "" ? "" : join(homedir, ".config"));
  const folders = [cwd, configHome === "" ? null : join(configHome, "modgate"), "/etc/modgate"];
  for (const folder of folders) {
    if (folder === null) continue;
    const found = await read(sources, join(folder, "modgate.yaml"));
    if (found !== null) return found;
  }
  return null;
}

/** A path as messages show it: relative where it is below the current folder. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === "" || short.startsWith("..") || isAbsolute(short) ? path : short;
}

/** An absolute path from one that a person wrote: `~/` is the home, a relative one starts at `folder`. */
export function absolutePath(text: string, place: { folder: string; homedir: string }): string {
  if (text.startsWith("~/") && place.homedir !== "") return join(place.homedir, text.slice(2));
  return resolve(place.folder, text);
}

/** Why a file could not be read, in a few words. */
export function readFailure(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.message : String(error);
}

async function readNamed(sources: ConfigSources, name: string, place: string): Promise<ConfigFile | readonly Fault[]> {
  const path = absolutePath(name, { folder: sources.cwd, homedir: sources.homedir });
  const found = await read(sources, path);
  if (found !== null) return found;
  return [
    { place, path: "", message: `there is no file ${JSON.stringify(name)}; want the path of a configuration file` },
  ];
}

async function read(sources: ConfigSources, path: string): Promise<ConfigFile | readonly Fault[] | null> {
  const name = shownPath(path, sources.cwd);
  let content: Uint8Array | null;
  try {
    content = await sources.readFile(path);
  } catch (error) {
    return [{ place: name, path: "", message: `cannot be read (${readFailure(error)}); want a readable file` }];
  }
  if (content === null) return null;
  const source = readYaml(content, name);
  return "data" in source ? { path, source: withoutNulls(source) } : source;
}

// `tls:` with everything below it commented out is null, and means that nothing is set.
function withoutNulls(source: YamlSource): YamlSource {
  const groups = new Set(settingList.filter(({ key }) => key.includes(".")).map(({ key }) => key.split(".")[0]));
  const data = mapEntries(source.data ?? {}, (key, value) =>
    groups.has(key) ? mapEntries(value, (_, item) => item) : value,
  );
  return { data, placeOf: source.placeOf };
}

// The map without its nulls; what is no map stays as it is.
function mapEntries(data: unknown, change: (key: string, value: unknown) => unknown): unknown {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return data;
  const kept = Object.entries(data).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, change(key, value)]));
}
