import { createReadStream } from "node:fs";
import type { Store } from "../ports/store.ts";
import { type ImportReport, importTar } from "../store/import-tar.ts";
import { sumsInTar } from "../store/sums-in-tar.ts";
import type { CommandRun, CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { cannotUseTar } from "./file-trouble.ts";
import { counted, humanBytes } from "./human-units.ts";

/** `modgate cache import`: takes a tar in, each file whole and proved, or not at all. */
export const cacheImportCommand: CommandSpec = {
  usage: "import <file>",
  summary: "Prove the files of a tar and take them into the cache (- for standard input)",
  examples: [
    "modgate cache import cache.tar",
    "tar -C $(go env GOMODCACHE)/cache/download -c . | modgate cache import -",
  ],
  details:
    "Every go.mod and zip is proved as if an upstream had sent it: by the checksum\n" +
    "database, whose lookups and tiles may come in the same tar, or as first seen\n" +
    "where no database knows it. What is not as it must be goes to quarantine.\n" +
    "Standard input is kept in the data folder meanwhile, since it is read twice.\n" +
    "Exit code 1 where entries were refused, 4 where one is not what is proved; they\n" +
    "are named, and the others are in.",
  options: [["--trust", "Prove nothing: take every file as it is"]],
  takesConfig: "all",
  async run(run) {
    const source = String(run.args[0]);
    const { signal } = run.context;
    await using workshop = await run.context.openWorkshop(await run.context.loadConfig(run.flags));
    const { files, importProver } = workshop;
    const isTrusted = run.options["trust"] === true;
    await using tar = await tarOf(source, isTrusted ? null : files, signal);
    if (!isTrusted) await importProver.takeSums(await sumsInTar(tar.open(), signal), signal);
    const report = await takeFiles(run, tar, { files, judge: isTrusted ? null : importProver });
    const refused = report.refused.filter(({ name }) => !isBookkeeping(name));
    const mismatches = refused.filter(({ isMismatch }) => isMismatch).length;
    const leftOut = report.refused.length - refused.length;
    return {
      data: { ...report, proved: !isTrusted },
      exitCode: mismatches > 0 ? exitCodes.integrity : refused.length > 0 ? exitCodes.findings : exitCodes.fine,
      text: ({ paint }) =>
        refused.map(({ name, reason }) => `${paint("red", "refused")} ${name}: ${reason}\n`).join("") +
        `${humanBytes(report.bytes)} read: ${counted(report.imported, "file")} taken in${isTrusted ? " unproved" : ""}, ${report.present} were here, ${refused.length} refused\n` +
        (leftOut > 0 ? `${counted(leftOut, "file")} of go's own bookkeeping left out\n` : ""),
    };
  },
};

interface OpenTar extends AsyncDisposable {
  /** Its bytes, from the start. USAGE where it cannot be read. */
  open(): AsyncIterable<Uint8Array>;
}

/** Standard input is copied into the store's folder where it must be read twice: `store` is null where it need not. */
async function tarOf(source: string, store: Store | null, signal: AbortSignal): Promise<OpenTar> {
  const nothing = async (): Promise<void> => {};
  if (source !== "-") return { open: () => readable(source, createReadStream(source)), [Symbol.asyncDispose]: nothing };
  if (store === null) return { open: () => readable(source, process.stdin), [Symbol.asyncDispose]: nothing };
  await using stack = new AsyncDisposableStack();
  const staged = stack.use(await store.stage("import.tar"));
  for await (const chunk of readable(source, process.stdin)) {
    signal.throwIfAborted();
    await staged.write(chunk);
  }
  const file = staged.content();
  const kept = stack.move();
  return { open: () => file.stream(), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function* readable(source: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    cannotUseTar(source)(error);
  }
}

async function takeFiles(
  run: CommandRun,
  tar: OpenTar,
  {
    files,
    judge,
  }: Pick<Parameters<typeof importTar>[2], "judge"> & { readonly files: Parameters<typeof importTar>[0] },
): Promise<ImportReport> {
  using progress = run.progress("bytes");
  return importTar(files, tar.open(), {
    signal: run.context.signal,
    judge,
    onProgress: (now) => progress.update(now.bytes, now.totalBytes),
  });
}

// What go keeps beside the files in its module cache; https://go.dev/ref/mod#module-cache
function isBookkeeping(name: string): boolean {
  return /\.(?:lock|ziphash|partial)$|^(?:\.\/)?cache\.lock$/.test(name);
}
