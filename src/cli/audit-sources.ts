import { existsSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import type { DatabaseQuestions } from "../diagnose/ask-database.ts";
import { findGoSums, type GoCommand, type GoEnvironment, readGoEnvironment } from "../diagnose/go-environment.ts";
import { processGroups } from "../upstream/process-group.ts";
import type { Workshop } from "./cli-context.ts";
import type { CommandRun } from "./define-command.ts";

/** The go command as a shell in this folder would run it; --go names another. */
export function goCommandOf({ context, options }: CommandRun): GoCommand {
  const given = Object.entries(context.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return {
    binary: typeof options["go"] === "string" ? options["go"] : "go",
    run: processGroups(context.clock),
    environment: Object.fromEntries(given),
    cwd: process.cwd(),
  };
}

/**
 * What go says of itself, and the workshop with the checksum database. Both at once, because each waits for a go
 * command. Rejects with GO_FAILED, CONFIG_INVALID or STORE_FAILED, with nothing left open.
 */
export async function openSources(
  run: CommandRun,
  go: GoCommand,
): Promise<{ readonly env: GoEnvironment; readonly workshop: Workshop }> {
  const { context } = run;
  const opening = context.loadConfig(run.flags).then((loaded) => context.openWorkshop(loaded));
  const [env, workshop] = await Promise.allSettled([readGoEnvironment(go, context.signal), opening]);
  if (workshop.status === "rejected") throw workshop.reason;
  if (env.status === "fulfilled") return { env: env.value, workshop: workshop.value };
  await workshop.value[Symbol.asyncDispose]();
  throw env.reason;
}

/** The go.sum files that the command line names, else those of the module or workspace here that are there. */
export async function goSumFilesOf(run: CommandRun, go: GoCommand, env: GoEnvironment): Promise<readonly string[]> {
  const [named] = run.args;
  if (Array.isArray(named) && named.length > 0) return named.map(String);
  const found = await findGoSums(go, env, run.context.signal);
  return found.filter((file) => existsSync(file)).map((file) => shorter(go.cwd, file));
}

/** Whom to ask of which module; why nobody where the checksum database is off. */
export function questionsOf(workshop: Workshop, env: GoEnvironment): DatabaseQuestions | string {
  const { config } = workshop;
  const isOff = config.sumdb === null && config.sumdbs.every(({ sumdb }) => sumdb === null);
  if (isOff) return env.GOSUMDB === "off" ? "it is off (GOSUMDB=off)" : "it is off (--sumdb off)";
  return {
    databaseOf: (module) => workshop.databaseOf(module),
    // go splits at commas and trims nothing. https://go.dev/ref/mod#environment-variables
    isPrivate: [...env.GONOSUMDB.split(","), ...config.private],
  };
}

/** A file below the current folder as people would write it. */
function shorter(folder: string, file: string): string {
  const path = relative(folder, file);
  return path === "" || path.startsWith("..") || isAbsolute(path) ? file : path;
}
