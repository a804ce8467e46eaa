import { spawn } from "node:child_process";
import type { Clock } from "../kernel/clock.ts";

export interface ProcessRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ProcessEnd {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; see `processGroups` for how. */
export type RunProcess = (request: ProcessRequest, signal: AbortSignal) => Promise<ProcessEnd>;

// git removes its lock files when it is asked to end, and not when it is killed.
const graceMs = 2000;
const maxOutputBytes = 32 * 1024 * 1024;

/**
 * Runs programs in process groups of their own, so that nothing of them outlives the run: when the signal
 * is aborted, and when the program has ended, what is left of the group gets SIGTERM or a moment to end, and
 * then SIGKILL. The run rejects with the signal's reason once it is over, with node's error where the
 * program cannot be started.
 */
export function processGroups(clock: Clock): RunProcess {
  return (request, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const child = spawn(request.command, request.args, {
        cwd: request.cwd,
        env: request.environment,
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      let bytes = 0;
      let stopTimer = (): void => {};
      let exitCode: number | null = null;
      const kill = (): void => signalGroup(child.pid, "SIGKILL");
      const keep = (chunks: Buffer[]) => (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxOutputBytes) kill();
        else chunks.push(chunk);
      };
      const stop = (): void => {
        signalGroup(child.pid, "SIGTERM");
        stopTimer();
        stopTimer = clock.after(graceMs, kill);
      };
      const finish = (): void => {
        stopTimer();
        signal.removeEventListener("abort", stop);
        kill();
        child.stdout.destroy();
        child.stderr.destroy();
        if (signal.aborted) reject(signal.reason);
        else resolve({ exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
      };
      signal.addEventListener("abort", stop, { once: true });
      child.stdout.on("data", keep(stdout));
      child.stderr.on("data", keep(stderr));
      child.on("error", (error) => {
        if (child.pid !== undefined) return;
        signal.removeEventListener("abort", stop);
        reject(error);
      });
      child.on("exit", (code) => {
        exitCode = code;
        // A grandchild that holds the pipes open would keep "close" away for ever.
        stopTimer();
        stopTimer = clock.after(graceMs, finish);
      });
      child.on("close", () => {
        if (child.pid !== undefined) finish();
      });
    });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: nobody of the group is left.
  }
}
