import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

/** A server that was started here and is ended with `await using`. */
export interface Server extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  /** The process and its children, which do the work where it has any. */
  pids(): number[];
}

interface Launch {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard output and error go here: a server that logs pays for its log. */
  readonly outputFile: string;
  /** Cores that it may use, as taskset writes them; null for all. */
  readonly cores: string | null;
  /** The URL as soon as the server answers; null until then. */
  readonly ready: (output: string) => Promise<string | null>;
}

const startLimitMs = 30_000;
const stopLimitMs = 5000;

/** Starts a server and waits until it answers; throws with the end of its output where it does not within 30 s. */
export async function launch(options: Launch): Promise<Server> {
  const [program = "", ...args] =
    options.cores === null ? options.command : ["taskset", "-c", options.cores, ...options.command];
  const output = openSync(options.outputFile, "w");
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
      await exited;
      clearTimeout(timer);
    }
  };
  const deadline = performance.now() + startLimitMs;
  while (performance.now() < deadline && child.exitCode === null && child.pid !== undefined) {
    const url = await options.ready(await readFile(options.outputFile, "utf8"));
    const { pid } = child;
    if (url !== null)
      return { name: options.name, url, pids: () => [pid, ...childrenOf(pid)], [Symbol.asyncDispose]: stop };
    await wait(20);
  }
  await stop();
  const said = await readFile(options.outputFile, "utf8");
  throw new Error(`${options.name} does not start: ${options.command.join(" ")}\n${said.slice(-2000)}`);
}

/** The URL itself once something answers there, whatever it answers; else null. */
export async function answering(url: string): Promise<string | null> {
  return fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    async (response) => {
      await response.body?.cancel();
      return url;
    },
    () => null,
  );
}

function childrenOf(pid: number): number[] {
  const direct = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  return direct.concat(direct.flatMap(childrenOf));
}
