import type { CommandSpec } from "./define-command.ts";
import { smoke } from "./smoke.ts";

/** `modgate smoke URL`: the check list of a rollout against any proxy. */
export const smokeCommand: CommandSpec = {
  usage: "smoke <url>",
  summary: "Check any Go module proxy with the requests that builds send",
  examples: [
    "modgate smoke http://127.0.0.1:8080",
    "modgate smoke https://proxy.corp.example --module golang.org/x/mod@v0.17.0 --module golang.org/x/text@v0.14.0",
    "modgate smoke http://127.0.0.1:8080 --sumdb off --json",
  ],
  options: [
    ["--module <module@version...>", "What to ask for; well-known modules where left out"],
    ["--sumdb <name>", "Name of the checksum database, or off (default: sum.golang.org)"],
  ],
  run({ context, args, options }) {
    const modules = Array.isArray(options["module"]) ? options["module"].map(String) : [];
    const sumdb = typeof options["sumdb"] === "string" ? options["sumdb"] : "sum.golang.org";
    return smoke({
      url: String(args[0]),
      modules,
      sumdb: sumdb === "off" ? null : sumdb,
      fetch,
      clock: context.clock,
      signal: context.signal,
    });
  },
};
