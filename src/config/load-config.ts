import { Problem } from "../kernel/problem.ts";
import { buildConfig } from "./build-config.ts";
import { checkConfig } from "./check-config.ts";
import { namedFilePaths } from "./check-files.ts";
import type { Config } from "./config.ts";
import type { ConfigSources } from "./config-sources.ts";
import { faultLine } from "./fault.ts";
import { type Finding, finding, findingLine } from "./finding.ts";
import type { ResolvedSetting } from "./read-settings.ts";
import { readSettings } from "./read-settings.ts";
import { SettingValues } from "./setting-values.ts";

/** A configuration that may be served. */
export interface LoadedConfig {
  /** Frozen all the way down. */
  readonly config: Config;
  /** Each setting by its key: its value as written, where that came from, what it shadows. May hold secrets: explainConfig() masks them. */
  readonly origins: ReadonlyMap<string, ResolvedSetting>;
  /** Absolute path of the configuration file; null where there is none. */
  readonly file: string | null;
  /** The configuration file and every file it names: a change of one is a change of the configuration. */
  readonly watched: readonly string[];
  /** What the lint warns of. */
  readonly warnings: readonly Finding[];
}

/** What reading and checking a configuration came to. */
export interface CheckedConfig {
  /** Errors first. */
  readonly findings: readonly Finding[];
  /** Null where a finding is an error. */
  readonly loaded: LoadedConfig | null;
}

/** Reads and checks every source; rejects only for bugs. What is wrong, all of it, is in `findings`. */
export async function checkSources(sources: ConfigSources): Promise<CheckedConfig> {
  const read = await readSettings(sources);
  const { config, faults, upstreams, secretFiles } = await buildConfig(read, sources);
  const wrong = [...read.faults, ...faults].map((fault) => finding("MG1100", fault));
  if (config === null || upstreams === null) return { findings: wrong, loaded: null };
  const draft = { config, upstreams, secretFiles, read, sources, values: new SettingValues(read, sources) };
  const findings = await checkConfig(draft);
  if (findings.some(({ severity }) => severity === "error")) return { findings, loaded: null };
  const file = read.file?.path ?? null;
  const watched = [...(file === null ? [] : [file]), ...namedFilePaths(draft)];
  return { findings, loaded: { config, origins: read.resolved, file, watched, warnings: findings } };
}

/**
 * The configuration of the sources: flag before variable before file before default. CONFIG_INVALID
 * where anything is wrong: the message is the first fault, `tried` has a line for each.
 */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const { findings, loaded } = await checkSources(sources);
  if (loaded !== null) return loaded;
  const errors = findings.filter(({ severity }) => severity === "error");
  const lines = errors.map((error) => (error.code === "MG1100" ? faultLine(error) : findingLine(error)));
  const [first] = errors;
  throw new Problem("CONFIG_INVALID", lines[0] ?? "the configuration is wrong", {
    tried: lines,
    ...(first !== undefined && first.code !== "MG1100" ? { hint: first.help } : {}),
    evidence: { findings: errors },
  });
}
