import { parseByteSize } from "../kernel/byte-size.ts";
import { parseDuration } from "../kernel/duration.ts";
import { Problem } from "../kernel/problem.ts";
import { prune } from "../store/prune-cache.ts";
import type { CommandSpec } from "./define-command.ts";
import { counted, humanBytes } from "./human-units.ts";

/** `modgate cache prune`: makes room. */
export const cachePruneCommand: CommandSpec = {
  usage: "prune",
  summary: "Remove files from the cache, the least recently used first, pinned ones never",
  examples: [
    "modgate cache prune --unused 90d --dry-run",
    "modgate cache prune --to 20GiB",
    "modgate cache prune --pattern 'github.com/old/*'",
  ],
  options: [
    ["--unused <duration>", "Only what was not used for so long, such as 90d"],
    ["--to <size>", "Until the cache is no larger, such as 20GiB"],
    ["--pattern <patterns>", "Only these modules, patterns as in GOPRIVATE"],
    ["--dry-run", "Say what would go, and remove nothing"],
  ],
  takesConfig: "cache",
  async run(run) {
    const { options } = run;
    const unused = read(options["unused"], "unused", parseDuration, "a duration such as 90d");
    const to = read(options["to"], "to", parseByteSize, "a size such as 20GiB");
    const pattern = typeof options["pattern"] === "string" ? options["pattern"] : null;
    if (unused === null && to === null && pattern === null) {
      throw new Problem("USAGE", "Nothing says what to remove", {
        hint: "name --unused, --to or --pattern; --dry-run shows it first",
      });
    }
    await using store = await run.context.openStore(await run.context.loadConfig(run.flags));
    using progress = run.progress("files");
    const report = await prune(
      store.files,
      { olderThanMs: unused, maxBytes: to, pattern, dryRun: options["dryRun"] === true },
      { signal: run.context.signal, onProgress: ({ files, totalFiles }) => progress.update(files, totalFiles) },
    );
    const verb = report.dryRun ? "would be removed" : "removed";
    return {
      data: report,
      exitCode: 0,
      text: () =>
        (report.dryRun ? report.removed.map(({ key, size }) => `${key}  ${humanBytes(size)}\n`).join("") : "") +
        `${counted(report.removed.length, "file")} of ${counted(report.versions, "version")} ${verb}, ${humanBytes(report.bytes)}\n`,
    };
  },
};

function read(value: unknown, name: string, parse: (text: string) => number | null, want: string): number | null {
  if (value === undefined) return null;
  const parsed = typeof value === "string" ? parse(value) : null;
  if (parsed !== null) return parsed;
  throw new Problem("USAGE", `Cannot read --${name} ${JSON.stringify(value)}: want ${want}`, {
    hint: "modgate cache prune --help",
  });
}
