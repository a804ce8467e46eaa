import { listVersions, type ListingWish } from "../store/cache-listing.ts";
import { Problem } from "../kernel/problem.ts";
import { type CommandSpec, integerOption } from "./define-command.ts";
import { humanBytes, humanDuration } from "./human-units.ts";
import { renderTable } from "./table.ts";

const orders = ["name", "size", "used", "stored"] as const;

/** `modgate cache list`: the versions that have files in the cache. */
export const cacheListCommand: CommandSpec = {
  usage: "list [pattern]",
  summary: "List the versions in the cache",
  examples: [
    "modgate cache list",
    "modgate cache list 'golang.org/x/*' --sort size",
    "modgate cache list --limit 20 --json",
  ],
  details: "The pattern is one as in GOPRIVATE: a glob over path prefixes.",
  options: [
    ["--sort <order>", "By name, size, used or stored (default: name)"],
    ["--limit <n>", "At most so many (default: 1000)"],
  ],
  takesConfig: "cache",
  async run(run) {
    const [pattern] = run.args;
    const sort = sortOf(run.options["sort"]);
    const limit = integerOption(run, "limit", 1) ?? 1000;
    await using store = await run.context.openStore(await run.context.loadConfig(run.flags));
    const wish: ListingWish = { pattern: typeof pattern === "string" ? pattern : null, sort, limit };
    const versions = await listVersions(store.files, wish, { signal: run.context.signal });
    const nowMs = run.context.clock.now();
    return {
      data: { versions },
      exitCode: 0,
      text: (view) => {
        if (versions.length === 0)
          return `No versions${wish.pattern === null ? "" : ` of ${wish.pattern}`} in the cache\n`;
        return renderTable(
          [
            { title: "MODULE" },
            { title: "VERSION" },
            { title: "FILES" },
            { title: "SIZE", align: "right" },
            { title: "USED" },
            { title: "" },
          ],
          versions.map((row) => [
            row.module,
            row.version,
            row.files.join(" "),
            humanBytes(row.bytes),
            `${humanDuration(Math.max(0, nowMs - row.lastUsedMs))} ago`,
            row.isPinned ? "pinned" : "",
          ]),
          view,
        );
      },
    };
  },
};

function sortOf(value: unknown): (typeof orders)[number] {
  if (value === undefined) return "name";
  const order = orders.find((known) => known === value);
  if (order) return order;
  throw new Problem("USAGE", `Cannot sort by ${JSON.stringify(value)}: want ${orders.join(", ")}`, {
    hint: "modgate cache list --sort size",
  });
}
