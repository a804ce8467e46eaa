import { existsSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import type { Config } from "../config/config.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { DatabaseQuestions } from "../diagnose/ask-database.ts";
import { findGoSums, type GoEnvironment } from "../diagnose/go-environment.ts";
import { processGroups } from "../upstream/process-group.ts";
import type { GoCommand } from "../upstream/run-go.ts";
import type { CommandRun } from "./define-command.ts";

/** The go command, in the environment and folder of whoever types. */
export function goCommandOf({ context }: CommandRun, config: Config): GoCommand {
  const given = Object.entries(context.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return {
    binary: config.direct.goBinary,
    run: processGroups(context.clock),
    environment: Object.fromEntries(given),
    cwd: process.cwd(),
  };
}

/** The go.sum files that the command line names, else those of the module or workspace here that are there. */
export async function goSumFilesOf(run: CommandRun, go: GoCommand, env: GoEnvironment): Promise<readonly string[]> {
  const [named] = run.args;
  if (Array.isArray(named) && named.length > 0) return named.map(String);
  const found = await findGoSums(go, env, run.context.signal);
  return found.filter((file) => existsSync(file)).map((file) => asTyped(go.cwd, file));
}

/** Whom to ask of which module; why nobody is asked where the checksum database is off. */
export interface OpenedDatabase extends AsyncDisposable {
  readonly questions: Promise<DatabaseQuestions | string>;
}

/** Opened while the threads hash, and only where there is one to ask. */
export function openDatabase({ context }: CommandRun, loaded: LoadedConfig, env: GoEnvironment): OpenedDatabase {
  const { sumdb, sumdbs, private: patterns } = loaded.config;
  if (sumdb === null && sumdbs.every((one) => one.sumdb === null)) {
    const why = env.GOSUMDB === "off" ? "it is off (GOSUMDB=off)" : "it is off (--sumdb off)";
    return { questions: Promise.resolve(why), [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  // go splits at commas and trims nothing. https://go.dev/ref/mod#environment-variables
  const isPrivate = [...env.GONOSUMDB.split(","), ...patterns];
  const opening = context.openWorkshop(loaded);
  return {
    questions: opening.then((workshop) => ({ databaseOf: (module) => workshop.databaseOf(module), isPrivate })),
    async [Symbol.asyncDispose]() {
      const [opened] = await Promise.allSettled([opening]);
      if (opened.status === "fulfilled") await opened.value[Symbol.asyncDispose]();
    },
  };
}

/** A file below the current folder as people would write it. */
function asTyped(folder: string, file: string): string {
  const path = relative(folder, file);
  return path === "" || path.startsWith("..") || isAbsolute(path) ? file : path;
}
