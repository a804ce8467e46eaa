import type { Rule } from "../policy/rule.ts";
import type { BuiltUpstreams } from "./build-upstreams.ts";
import type { Config } from "./config.ts";
import type { ConfigSources } from "./config-sources.ts";
import type { KeyPath } from "./fault.ts";
import { absolutePath } from "./find-file.ts";
import type { ReadSettings, ResolvedSetting } from "./read-settings.ts";
import type { Setting } from "./setting.ts";
import { settings } from "./settings.ts";
import { upstreamNamed } from "./upstream-named.ts";

/** The settings that hold, read into what they mean. */
export class SettingValues {
  readonly #resolved: ReadonlyMap<string, ResolvedSetting>;
  readonly #sources: ConfigSources;

  constructor({ resolved }: ReadSettings, sources: ConfigSources) {
    this.#resolved = resolved;
    this.#sources = sources;
  }

  /** The value of a setting that has a default, or was checked to be there. */
  of<T>(setting: Setting<T>): T {
    return setting.schema.parse(this.#resolved.get(setting.key)?.winner.written);
  }

  /** The value; null where the setting is unset or has a fault. */
  optional<T>(setting: Setting<T>): T | null {
    const written = this.#resolved.get(setting.key)?.winner.written ?? null;
    return written === null ? null : setting.schema.parse(written);
  }

  /** The absolute path of a file or folder; null where it is unset. */
  path(setting: Setting<string>): string | null {
    const text = this.optional(setting);
    return text === null ? null : absolutePath(text, this.folderOf(setting));
  }

  /** Where relative paths in the setting start. */
  folderOf(setting: Setting<unknown>): { folder: string; homedir: string } {
    const { cwd, homedir } = this.#sources;
    return { folder: this.#resolved.get(setting.key)?.folder ?? cwd, homedir };
  }

  /** Where something in the setting stands. */
  placeOf(setting: Setting<unknown>, path: KeyPath = [], at: "key" | "value" = "value"): string {
    return this.#resolved.get(setting.key)?.winner.placeOf(path, at) ?? "default";
  }

  /** The rules with their places; hosts of upstreams in them become names. */
  rules(upstreams: BuiltUpstreams): Rule[] {
    return this.of(settings.rules).map((rule, index) => ({
      pattern: rule.pattern,
      action: rule.action,
      reason: rule.reason ?? null,
      upstreams: rule.upstreams?.map((word) => upstreamNamed(upstreams, word)?.name ?? word) ?? null,
      minimumAgeMs: rule.minimumAge ?? null,
      blockVulnerable: rule.blockVulnerable ?? false,
      source: this.placeOf(settings.rules, [index]).replace(/:\d+$/, ""),
    }));
  }

  /** What `direct` gives its go processes: the variables to pass on, as far as they are set, and those of its own. */
  directEnvironment(): Record<string, string> {
    const patterns = this.of(settings.directPass);
    const exact = new Set(patterns);
    const starts = patterns.filter((name) => name.endsWith("*")).map((name) => name.slice(0, -1));
    const passed: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.#sources.env)) {
      if (value !== undefined && (exact.has(name) || starts.some((start) => name.startsWith(start))))
        passed[name] = value;
    }
    return { ...passed, ...this.of(settings.directEnvironment) };
  }

  // As go reads them: https://pkg.go.dev/golang.org/x/net/http/httpproxy#FromEnvironment
  proxyEnvironment(): Config["proxyEnvironment"] {
    const { env } = this.#sources;
    const first = (...names: string[]): string | null => names.map((name) => env[name]).find(Boolean) ?? null;
    return {
      httpProxy: first("HTTP_PROXY", "http_proxy"),
      httpsProxy: first("HTTPS_PROXY", "https_proxy"),
      noProxy: first("NO_PROXY", "no_proxy"),
    };
  }
}
