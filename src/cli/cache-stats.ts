import { storeStats } from "../store/cache-listing.ts";
import type { CommandSpec } from "./define-command.ts";
import { counted, humanBytes } from "./human-units.ts";
import { renderTable } from "./table.ts";

/** `modgate cache stats`: what the cache holds as a whole. */
export const cacheStatsCommand: CommandSpec = {
  usage: "stats",
  summary: "Print how much the cache holds, and which modules take most room",
  examples: ["modgate cache stats", "modgate cache stats --data /var/lib/modgate --json"],
  takesConfig: "cache",
  async run(run) {
    await using store = await run.context.openStore(await run.context.loadConfig(run.flags));
    using progress = run.progress("files");
    const stats = await storeStats(store.files, {
      signal: run.context.signal,
      onProgress: ({ files }) => progress.update(files, null, "reading the tree"),
    });
    const limit = stats.maxBytes === null ? "no limit" : `limit ${humanBytes(stats.maxBytes)}`;
    return {
      data: stats,
      exitCode: 0,
      text: (view) =>
        `${counted(stats.modules, "module")}, ${counted(stats.versions, "version")}, ${counted(stats.files, "file")}\n` +
        `${humanBytes(stats.bytes)} (${limit}), ${humanBytes(stats.zipBytes)} of it zips; ${counted(stats.pinned, "version")} pinned\n` +
        (stats.largest.length === 0
          ? ""
          : `\n${renderTable(
              [{ title: "MODULE" }, { title: "VERSIONS", align: "right" }, { title: "SIZE", align: "right" }],
              stats.largest.map(({ module, versions, bytes }) => [module, String(versions), humanBytes(bytes)]),
              view,
            )}`),
    };
  },
};
