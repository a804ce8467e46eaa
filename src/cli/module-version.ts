import { checkModulePath } from "../gomod/path.ts";
import { isCanonicalVersion } from "../gomod/version.ts";
import { Problem } from "../kernel/problem.ts";
import type { CommandRun } from "./define-command.ts";

/** A module, or one version of it, as an argument names it. */
export interface ModuleVersion {
  readonly module: string;
  /** Null: the module as a whole. */
  readonly version: string | null;
}

/** Reads the first argument as `MODULE` or `MODULE@VERSION`; USAGE where it is neither. */
export function moduleVersionOf(run: CommandRun): ModuleVersion {
  const [given] = run.args;
  const text = typeof given === "string" ? given : "";
  const at = text.indexOf("@");
  const module = at < 0 ? text : text.slice(0, at);
  const version = at < 0 ? null : text.slice(at + 1);
  const reason = checkModulePath(module);
  if (reason !== null) throw unreadable(run, text, `the module path has ${reason}`);
  if (version !== null && !isCanonicalVersion(version))
    throw unreadable(run, text, `"${version}" is no whole version, such as v1.2.3`);
  return { module, version };
}

function unreadable(run: CommandRun, text: string, why: string): Problem {
  return new Problem("USAGE", `Cannot read "${text}": ${why}`, { hint: `modgate ${run.screen.command} --help` });
}
