import { Command } from "commander";
import { configFlags, flagsFrom } from "../config/config-flags.ts";
import type { CliContext } from "./cli-context.ts";

/** `modgate serve`: the gateway, until SIGTERM or SIGINT. */
export function serveCommand(context: CliContext, setExit: (code: number) => void): Command {
  const command = new Command("serve").description("Run the gateway");
  for (const flag of configFlags()) command.option(`--${flag.name} ${flag.placeholder}`, flag.doc);
  return command.action(async (options: Record<string, unknown>) => {
    const flags = flagsFrom(options);
    const loaded = await context.loadConfig(flags);
    const gateway = await context.startGateway(loaded, flags);
    for (const url of gateway.urls) context.stdout.write(`export GOPROXY=${url}\n`);
    context.onSignal("SIGHUP", () => void gateway.reload());
    context.onSignal("SIGUSR2", () => gateway.reopenLogs());
    await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve(), { once: true }));
    await gateway.stop();
    setExit(0);
  });
}
