import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Problem } from "../kernel/problem.ts";
import { exportTar } from "../store/export-tar.ts";
import { importTar } from "../store/import-tar.ts";
import type { CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { fileTrouble } from "./file-trouble.ts";
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
    await pipeline(Readable.from(chunks), createWriteStream(String(target))).catch(cannotUse(String(target)));
    return {
      data: { file: target, files, bytes },
      exitCode: 0,
      text: () => `${counted(files, "file")}, ${humanBytes(bytes)} written to ${String(target)}\n`,
    };
  },
};

/** `modgate cache import`: takes such a tar in, each file whole or not at all. */
export const cacheImportCommand: CommandSpec = {
  usage: "import <file>",
  summary: "Take the files of a tar into the cache (- for standard input)",
  examples: [
    "modgate cache import cache.tar",
    "tar -C $(go env GOMODCACHE)/cache/download -c . | modgate cache import -",
  ],
  details: "Exit code 1 where entries were refused; they are named, and the others are in.",
  takesConfig: "cache",
  async run(run) {
    const [source] = run.args;
    await using store = await run.context.openStore(await run.context.loadConfig(run.flags));
    using progress = run.progress("bytes");
    const chunks = source === "-" ? process.stdin : createReadStream(String(source));
    const report = await importTar(store.files, chunks, {
      signal: run.context.signal,
      onProgress: (now) => progress.update(now.bytes, now.totalBytes),
    }).catch(cannotUse(String(source)));
    const refused = report.refused.filter(({ name }) => !isBookkeeping(name));
    const leftOut = report.refused.length - refused.length;
    return {
      data: report,
      exitCode: refused.length > 0 ? exitCodes.findings : exitCodes.fine,
      text: ({ paint }) =>
        refused.map(({ name, reason }) => `${paint("red", "refused")} ${name}: ${reason}\n`).join("") +
        `${humanBytes(report.bytes)} read: ${counted(report.imported, "file")} taken in, ${report.present} were here, ${refused.length} refused\n` +
        (leftOut > 0 ? `${counted(leftOut, "file")} of go's own bookkeeping left out\n` : ""),
    };
  },
};

// What go keeps beside the files in its module cache; https://go.dev/ref/mod#module-cache
function isBookkeeping(name: string): boolean {
  return /\.(?:lock|ziphash|partial)$|^(?:\.\/)?cache\.lock$/.test(name);
}

function cannotUse(path: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Problem) throw error;
    throw new Problem("USAGE", `Cannot use ${path}: ${fileTrouble(error)}`, {
      cause: error,
      hint: "name a tar file, or -",
    });
  };
}
