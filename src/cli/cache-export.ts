import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { exportTar } from "../store/export-tar.ts";
import type { CommandSpec } from "./define-command.ts";
import { cannotUseTar } from "./file-trouble.ts";
import { counted, humanBytes } from "./human-units.ts";

/** `modgate cache export`: the cache as a tar that any module cache can read. */
export const cacheExportCommand: CommandSpec = {
  usage: "export <file>",
  summary: "Write the cache, or a part of it, into a tar file (- for standard output)",
  examples: [
    "modgate cache export cache.tar",
    "modgate cache export - --pattern 'golang.org/x/*' | ssh other modgate cache import -",
  ],
  options: [["--pattern <patterns>", "Only these modules, patterns as in GOPRIVATE"]],
  takesConfig: "cache",
  async run(run) {
    const [target] = run.args;
    const pattern = typeof run.options["pattern"] === "string" ? run.options["pattern"] : null;
    await using store = await run.context.openStore(await run.context.loadConfig(run.flags));
    using progress = run.progress("bytes");
    let bytes = 0;
    let files = 0;
    const chunks = exportTar(store.files, pattern, {
      signal: run.context.signal,
      onProgress: (now) => {
        bytes = now.bytes;
        files = now.files;
        progress.update(now.bytes, now.totalBytes);
      },
    });
    if (target === "-") {
      await pipeline(Readable.from(chunks), process.stdout, { end: false });
      return null;
    }
    await pipeline(Readable.from(chunks), createWriteStream(String(target))).catch(cannotUseTar(String(target)));
    return {
      data: { file: target, files, bytes },
      exitCode: 0,
      text: () => `${counted(files, "file")}, ${humanBytes(bytes)} written to ${String(target)}\n`,
    };
  },
};
