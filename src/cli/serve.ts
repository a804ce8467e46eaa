import type { LoadedConfig } from "../config/load-config.ts";
import type { RunningGateway } from "./cli-context.ts";
import { paintFor } from "./colour.ts";
import type { CommandSpec } from "./define-command.ts";

/** `modgate serve`: the gateway, until SIGTERM or SIGINT. */
export const serveCommand: CommandSpec = {
  usage: "serve",
  summary: "Run the gateway",
  examples: [
    "modgate serve",
    "modgate serve --listen 127.0.0.1:0 --data ./data",
    "modgate serve --upstream 'https://proxy.corp.example|https://mirror.example,direct' --private 'git.corp.example/*'",
    "modgate serve --config modgate.yaml --processes 4",
  ],
  details:
    "Without configuration: upstreams as `go env GOPROXY` says, data under the XDG\n" +
    "data folder, 127.0.0.1:8080.\n" +
    "SIGHUP, or a change of the configuration file: load, lint, smoke test and canary\n" +
    "of the new one. SIGUSR2: open the log file anew. SIGTERM, SIGINT: drain and end.",
  takesConfig: "all",
  async run({ context, flags, screen, setExit }) {
    const loaded = await context.loadConfig(flags);
    const { processes, listen } = loaded.config;
    if (processes > 1 && context.supervise !== null) {
      setExit(
        await context.supervise(
          processes,
          listen.map(({ address }) => address),
        ),
      );
      return null;
    }
    let gateway: RunningGateway | null = null;
    // Before there is a gateway both are done by its start; without a listener they would end the process.
    context.onSignal("SIGHUP", () => void gateway?.reload());
    context.onSignal("SIGUSR2", () => gateway?.reopenLogs());
    const { stdout, stderr, env, version } = context;
    const hasReader = stderr.isTTY && loaded.config.log.file === null;
    const paint = paintFor(stderr, env, screen.colour);
    gateway = await context.startGateway(loaded, { flags, logPaint: hasReader ? paint : null });
    if (context.isFirst) {
      if (stderr.isTTY) stderr.write(`${paint("dim", introduction(loaded, version))}\n`);
      stdout.write(greeting(gateway.urls, screen.isJson));
    }
    await untilAborted(context.signal);
    await gateway.stop();
    return null;
  },
};

function introduction({ config, file }: LoadedConfig, version: string): string {
  const chain = config.chain.map(({ upstream }) => upstream.name).join(", ");
  const from = file === null ? "" : `, configuration ${file}`;
  return `modgate ${version}: modules from ${chain}, data in ${config.data}${from}; Ctrl-C drains and ends`;
}

function greeting(urls: readonly string[], isJson: boolean): string {
  if (isJson) return `${JSON.stringify({ schemaVersion: 1, urls })}\n`;
  // go reaches no Unix socket: whoever opened one has a server of its own before it.
  return urls.map((url) => (url.startsWith("unix:") ? `listening on ${url}\n` : `export GOPROXY=${url}\n`)).join("");
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
