import { seededRandom } from "../kernel/random.ts";
import { Problem } from "../kernel/problem.ts";
import type { ServedRequest } from "../faults/fault-proxy.ts";
import { parseFaults } from "../faults/fault.ts";
import { type CommandRun, type CommandSpec, integerOption } from "./define-command.ts";

/** `modgate fault`: a proxy that spoils the answers of its target. */
export const faultCommand: CommandSpec = {
  usage: "fault",
  summary: "Run a proxy that spoils the answers of another server",
  examples: [
    "modgate fault --target https://proxy.corp.example --fault latency=3500ms",
    "modgate fault --target http://127.0.0.1:8080 --fault status=503 --fault rate=0.05",
    "modgate fault --target http://127.0.0.1:8080 --fault truncate --path '*.zip'",
  ],
  details:
    "Faults: latency=3500ms, status=503, reset, truncate, truncate=BYTES, stall,\n" +
    "bad-zip, html-200, tls-expired, tls-wrong-name, dns; rate=0.05 is the share of\n" +
    "requests that they hit. Without any it passes everything on as it is.\n" +
    "It listens on 127.0.0.1 and prints its URL, and another one where the faults are\n" +
    'read with GET and changed with PUT: {"faults": ["status=503"], "path": "*.zip"}.',
  options: [
    ["--target <url>", "The server whose answers are passed on"],
    ["--fault <fault...>", "What is done to them; may be given several times"],
    ["--path <glob>", "Only to paths that fit, such as '*.zip' or '/example.com/*/@v/list'"],
    ["--port <n>", "Port of 127.0.0.1 (default: a free one)"],
    ["--seed <n>", "Of the random numbers behind rate= (default: printed)"],
  ],
  async run(run) {
    const { context, options, screen } = run;
    const plan = parseFaults(listOf(options["fault"]), typeof options["path"] === "string" ? options["path"] : null);
    const seed = integerOption(run, "seed", 0) ?? Math.floor(context.random() * 1_000_000);
    const { startFaultProxy } = await import("../faults/fault-proxy.ts");
    await using proxy = await startFaultProxy({
      target: targetOf(run),
      plan,
      port: integerOption(run, "port", 0) ?? 0,
      random: seededRandom(seed),
      clock: context.clock,
      onRequest: (request) => context.stderr.write(lineOf(request)),
    });
    const { url, controlUrl, caPem } = proxy;
    context.stdout.write(
      screen.isJson
        ? `${JSON.stringify({ schemaVersion: 1, url, controlUrl, seed, caPem })}\n`
        : `${url}\nfaults: ${controlUrl}\nseed ${seed}\n`,
    );
    await new Promise<void>((resolve) => {
      if (context.signal.aborted) resolve();
      else context.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    return null;
  },
};

function targetOf({ options, screen }: CommandRun): URL {
  const given = options["target"];
  const target = typeof given === "string" ? URL.parse(given) : null;
  if (target !== null && (target.protocol === "http:" || target.protocol === "https:")) return target;
  throw new Problem(
    "USAGE",
    given === undefined ? "A target is missing" : `Cannot read --target ${JSON.stringify(given)}`,
    {
      hint: `modgate ${screen.command} --target https://proxy.corp.example --fault status=503`,
    },
  );
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function lineOf({ method, path, faults, status }: ServedRequest): string {
  const did = faults.length === 0 ? "passed on" : faults.join(" ");
  return `${method} ${path.slice(0, 2000)} target=${status ?? "unreachable"} ${did}\n`;
}
