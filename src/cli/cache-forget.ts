import { infoKey, modKey, zipKey } from "../gomod/keys.ts";
import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import { Problem } from "../kernel/problem.ts";
import { SqliteFirstSeen } from "../store/sqlite-first-seen.ts";
import type { CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { counted } from "./human-units.ts";
import { moduleVersionOf } from "./module-version.ts";

/** `modgate cache forget`: drops a version's files and what was first seen of it. */
export const cacheForgetCommand: CommandSpec = {
  usage: "forget <module@version>",
  summary: "Drop a version's files, and the hashes that it had when it was first seen",
  examples: ["modgate cache forget corp.example/pay@v1.4.2"],
  details:
    "For a private version that was made anew and is right as it is now: the next\n" +
    "answer is taken as first seen. What a checksum database has recorded stays.\n" +
    "Exit code 1 where nothing was known of it.",
  takesConfig: "cache",
  async run(run) {
    const { module, version } = moduleVersionOf(run);
    if (version === null) {
      throw new Problem("USAGE", `Cannot forget "${module}": want MODULE@VERSION`, {
        hint: `modgate cache forget ${module}@v1.2.3`,
      });
    }
    await using store = await run.context.openStore(await run.context.loadConfig(run.flags));
    const firstSeen = new SqliteFirstSeen(store.files.parts.folder.firstSeen);
    try {
      const hashes = firstSeen.forget(module, version);
      let files = 0;
      for (const keyOf of [infoKey, modKey, zipKey]) {
        const key = keyOf(escapeModulePath(module), escapeVersion(version));
        if ((await store.files.lookAt(key)) === null) continue;
        await store.files.remove(key);
        files++;
      }
      return {
        data: { module, version, hashes, files },
        exitCode: hashes + files > 0 ? exitCodes.fine : exitCodes.findings,
        text: () =>
          hashes + files > 0
            ? `${module}@${version}: ${counted(files, "file")} dropped, ${hashes} first-seen ${hashes === 1 ? "hash" : "hashes"} forgotten\n`
            : `nothing was known of ${module}@${version}\n`,
      };
    } finally {
      firstSeen.close();
    }
  },
};
