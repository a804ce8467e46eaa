import type { ConfigSources, GoEnv } from "./config-sources.ts";
import type { Fault } from "./fault.ts";
import { readFailure } from "./find-file.ts";
import { type Given, givenByText } from "./given.ts";
import type { Setting } from "./setting.ts";
import { settingList, settings } from "./settings.ts";

/** What is known before go is asked. */
export interface BeforeGo {
  /** Keys that a flag, variable or file gives. */
  readonly alreadyGiven: ReadonlySet<string>;
  readonly goCommand: string;
  readonly isOffline: boolean;
}

/**
 * The defaults of `upstream`, `sumdb` and `private`, in go's own order: its variables in the environment,
 * then `go env` (GO-FACTS C.1). The command runs only where something is left open. Without it
 * `upstream` is off in an offline gateway and has a fault in another; the rest keep the table's default.
 */
export async function defaultsFromGo(
  sources: ConfigSources,
  before: BeforeGo,
): Promise<{ given: readonly (readonly [Setting<unknown>, Given | readonly Fault[]])[]; goEnv: GoEnv | null }> {
  const given: (readonly [Setting<unknown>, Given | readonly Fault[]])[] = [];
  const open: Setting<unknown>[] = [];
  for (const setting of settingList) {
    if (setting.goVariable === undefined) continue;
    const isGiven = before.alreadyGiven.has(setting.key);
    const text = sources.env[setting.goVariable];
    if (text) {
      const found = fromGo(setting, text, `env ${setting.goVariable}`);
      // What is shadowed anyway stops nobody.
      if (!isGiven || "origin" in found) given.push([setting, found]);
    } else if (!isGiven) open.push(setting);
  }
  if (open.length === 0) return { given, goEnv: null };
  const goEnv = await askGo(sources, before.goCommand);
  for (const setting of open) {
    const variable = setting.goVariable ?? "GOPROXY";
    const origin = `go env ${variable}`;
    const text = typeof goEnv === "string" ? "" : goEnv[variable];
    if (text !== "") {
      given.push([setting, fromGo(setting, text, origin)]);
    } else if (setting.key === settings.upstream.key && before.isOffline) {
      given.push([setting, fromGo(setting, "off", "default")]);
    } else if (setting.key === settings.upstream.key) {
      const why = typeof goEnv === "string" ? goEnv : "is empty";
      given.push([
        setting,
        [{ place: origin, path: "", message: `${why}; want go installed, or --upstream 'URL,direct'` }],
      ]);
    }
  }
  return { given, goEnv: typeof goEnv === "string" ? null : goEnv };
}

function fromGo(setting: Setting<unknown>, text: string, origin: string): Given | readonly Fault[] {
  return givenByText(setting, text, { kind: "go", text: origin });
}

// Its answer, or why there is none.
async function askGo(sources: ConfigSources, command: string): Promise<GoEnv | string> {
  try {
    return await sources.goEnv(command);
  } catch (error) {
    const reason = readFailure(error);
    const why = reason === "ENOENT" ? "there is no such command" : reason.replace(/\s+/g, " ").slice(0, 120);
    return `cannot run ${JSON.stringify(command)} (${why})`;
  }
}
