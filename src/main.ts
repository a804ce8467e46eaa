import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type * as App from "./app.ts";
import type { World } from "./build-generation.ts";
import type { CliContext, Flags, Output } from "./cli/cli-context.ts";
import { runCli } from "./cli/program.ts";
import { checkSources, loadConfig } from "./config/load-config.ts";
import { systemSources } from "./config/system-sources.ts";
import { Colleagues } from "./processes/colleagues.ts";
import { systemClock } from "./kernel/clock.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  // The second one ends the process at once, as a terminal's user expects.
  process.once(name, () => {
    stop.abort(name);
    process.once(name, () => process.exit(130));
  });
}

const selfId = process.env["MODGATE_SELF_ID"] ?? randomUUID().slice(0, 8);
const processNumber = process.env["MODGATE_PROCESS"] ?? "1";
// Words between the processes of one gateway, and no settings.
delete process.env["MODGATE_SELF_ID"];
delete process.env["MODGATE_PROCESS"];
const claimed = process.env["MODGATE_CLAIMED"]?.split(",") ?? null;
delete process.env["MODGATE_CLAIMED"];

const world: World = {
  version,
  selfId,
  clock: systemClock,
  random: Math.random,
  isFirst: processNumber === "1",
  claimed,
  colleagues: new Colleagues(process, systemClock),
};

// Most commands need nothing of the gateway, and its packages take longer to load than those commands to run.
const app = (): Promise<typeof App> => import("./app.ts");

const context: CliContext = {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  env: process.env,
  clock: systemClock,
  random: Math.random,
  signal: stop.signal,
  version,
  self: [process.execPath, ...process.execArgv, ...process.argv.slice(1, 2)],
  loadConfig: (flags: Flags) => loadConfig(systemSources(flags)),
  checkConfig: (flags: Flags) => checkSources(systemSources(flags)),
  confirm: process.stdin.isTTY && process.stderr.isTTY ? confirm : null,
  openStore: async (loaded) => (await app()).openStore(loaded, world),
  openWorkshop: async (loaded) => (await app()).openWorkshop(loaded, world),
  startGateway: async (loaded, { flags, logPaint }) =>
    (await app()).startGateway(loaded, world, { load: () => loadConfig(systemSources(flags)), logPaint }),
  isFirst: world.isFirst,
  supervise: cluster.isPrimary
    ? async (count, listen) => {
        const [{ supervise }, { claim }] = await Promise.all([
          import("./processes/supervise.ts"),
          import("./http/listen.ts"),
        ]);
        return supervise({
          count,
          claimed: await claim(listen),
          selfId: world.selfId,
          clock: systemClock,
          signal: stop.signal,
          say: (text) => void process.stderr.write(text),
        });
      }
    : null,
  onSignal: (name, run) => void process.on(name, run),
};

// Timers never keep the process alive; a command that waits for one must.
const awake = setInterval(() => {}, 1 << 30);
process.exitCode = await runCli(context, process.argv.slice(2));
clearInterval(awake);
// The channel to the process that started this one would keep it alive.
if (process.connected) process.disconnect?.();

async function confirm(question: string): Promise<boolean> {
  const { createInterface } = await import("node:readline/promises");
  // The answers that a command prints may go into a pipe all the same.
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: stop.signal });
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

function outputOf(stream: NodeJS.WriteStream): Output {
  // Who reads only the first lines, as head does, has closed the pipe by then.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY ?? false,
    columns: stream.columns ?? 80,
  };
}
