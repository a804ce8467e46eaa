import { Problem } from "../kernel/problem.ts";
import type { ProcessEnd, RunProcess } from "./process-group.ts";

/** The go command, as it is to be run. */
export interface GoCommand {
  readonly binary: string;
  readonly run: RunProcess;
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What a go command prints. GO_FAILED with the end of what it says where it fails, or cannot be run. */
export async function runGo(go: GoCommand, args: readonly string[], signal: AbortSignal): Promise<string> {
  const typed = `${go.binary} ${args.slice(0, 3).join(" ")}`;
  const end = await endOfGo(go, args, signal);
  if (end.exitCode !== 0) throw new Problem("GO_FAILED", `\`${typed}\` failed: ${lastLines(end.stderr)}`);
  return end.stdout;
}

/** How a go command ends, whatever its exit code. GO_FAILED where it cannot be run at all. */
export function endOfGo(go: GoCommand, args: readonly string[], signal: AbortSignal): Promise<ProcessEnd> {
  const { binary, environment, cwd } = go;
  return go.run({ command: binary, args, cwd, environment }, signal).catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new Problem("GO_FAILED", `Cannot run ${JSON.stringify(binary)}: is go installed and in PATH?`, { cause });
  });
}

function lastLines(stderr: string): string {
  return stderr.trim().split("\n").slice(-3).join(" ") || "it says nothing";
}
