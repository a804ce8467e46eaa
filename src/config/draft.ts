import type { BuiltUpstreams } from "./build-upstreams.ts";
import type { Config, UpstreamConfig } from "./config.ts";
import type { ConfigSources } from "./config-sources.ts";
import type { ReadSettings } from "./read-settings.ts";
import type { ReadFiles } from "./secret-files.ts";
import type { SettingValues } from "./setting-values.ts";

/** A configuration that could be built, with all that the lint looks at. */
export interface Draft {
  readonly config: Config;
  readonly values: SettingValues;
  readonly read: ReadSettings;
  readonly upstreams: BuiltUpstreams;
  readonly secretFiles: ReadFiles;
  readonly sources: ConfigSources;
}

/** Every upstream once: the chain, then the others. */
export function allUpstreams({ upstreams }: Draft): UpstreamConfig[] {
  return [...new Set([...upstreams.chain.map(({ upstream }) => upstream), ...Object.values(upstreams.others)])];
}
