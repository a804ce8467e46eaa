import { dirname, join, resolve } from "node:path";
import * as z from "zod";
import { Problem } from "../kernel/problem.ts";
import type { RunProcess } from "../upstream/process-group.ts";

const schema = z.object({
  GOMODCACHE: z.string(),
  GOMOD: z.string(),
  GOWORK: z.string(),
  GOFLAGS: z.string(),
  GOSUMDB: z.string(),
  GONOSUMDB: z.string(),
});

/** What `go env` says in a folder. */
export type GoEnvironment = Readonly<z.infer<typeof schema>>;

/** The go command, as it is to be run. */
export interface GoCommand {
  readonly binary: string;
  readonly run: RunProcess;
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Asks `go env`. GO_FAILED where there is no go, or where it does not answer. */
export async function readGoEnvironment(go: GoCommand, signal: AbortSignal): Promise<GoEnvironment> {
  // The toolchain that go.mod asks for is not needed for this, and would have to be downloaded first.
  const environment = { ...go.environment, GOTOOLCHAIN: "local" };
  const stdout = await runGo({ ...go, environment }, ["env", "-json", ...Object.keys(schema.shape)], signal);
  return schema.parse(JSON.parse(stdout));
}

/** What a go command prints. GO_FAILED with the end of what it says where it fails, or cannot be run. */
export async function runGo(go: GoCommand, args: readonly string[], signal: AbortSignal): Promise<string> {
  const { binary, environment, cwd } = go;
  const typed = `${binary} ${args.slice(0, 3).join(" ")}`;
  const end = await go.run({ command: binary, args, cwd, environment }, signal).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new Problem("GO_FAILED", `Cannot run ${JSON.stringify(binary)}: is go installed and in PATH?`, { cause });
  });
  if (end.exitCode !== 0) throw new Problem("GO_FAILED", `\`${typed}\` failed: ${lastLines(end.stderr)}`);
  return end.stdout;
}

/**
 * The go.sum files that a build in this folder reads: of the module, or of the workspace and all of its modules. Some
 * may not be there.
 */
export async function findGoSums(go: GoCommand, env: GoEnvironment, signal: AbortSignal): Promise<readonly string[]> {
  const { GOMOD, GOWORK } = env;
  if (GOWORK !== "" && GOWORK !== "off") {
    const folder = dirname(GOWORK);
    const { Use } = workSchema.parse(JSON.parse(await runGo(go, ["work", "edit", "-json", GOWORK], signal)));
    const modules = (Use ?? []).map(({ DiskPath }) => resolve(folder, DiskPath, "go.sum"));
    return [...modules, join(folder, "go.work.sum")];
  }
  // A module whose go.mod has another name has its sums beside it. https://go.dev/ref/mod#build-commands
  const alternative = /(?:^|\s)--?modfile=(\S+)\.mod(?:\s|$)/.exec(env.GOFLAGS)?.[1];
  if (alternative !== undefined) return [resolve(go.cwd, `${alternative}.sum`)];
  return GOMOD === "" || GOMOD === "/dev/null" || GOMOD === "NUL" ? [] : [join(dirname(GOMOD), "go.sum")];
}

const workSchema = z.object({ Use: z.array(z.object({ DiskPath: z.string() })).nullish() });

function lastLines(stderr: string): string {
  return stderr.trim().split("\n").slice(-3).join(" ") || "it says nothing";
}
