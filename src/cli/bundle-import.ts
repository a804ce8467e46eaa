import { createReadStream } from "node:fs";
import { availableParallelism } from "node:os";
import { BundleImporter } from "../bundle/import-bundle.ts";
import type { Manifest } from "../bundle/manifest.ts";
import { BundleProver, type BundleTrust } from "../bundle/prove-bundle.ts";
import { type BundleVisitor, readBundle } from "../bundle/read-bundle.ts";
import type { Config } from "../config/config.ts";
import { HashPool } from "../hashing/hash-pool.ts";
import { Problem } from "../kernel/problem.ts";
import type { Hasher } from "../ports/hasher.ts";
import { MemoryRegister } from "../store/memory-register.ts";
import type { CommandRun, CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { fileTrouble } from "./file-trouble.ts";
import { counted, humanBytes } from "./human-units.ts";

const keyOption = ["--trusted-key <keys...>", "Who may have signed it: NAME+HASH+KEY, beside bundleKeys"] as const;

/** `modgate bundle verify`: proves a bundle without a network. */
export const bundleVerifyCommand: CommandSpec = {
  usage: "verify <file>",
  summary: "Prove a bundle without a network: signature, hashes, checksum database",
  examples: ["modgate bundle verify modules.tar --trusted-key modgate-bundle+1a2b3c4d+AbCd..."],
  details:
    "Every zip and go.mod is hashed anew and found in the signed tree of the\n" +
    "checksum database, whose key is that of this configuration (--sumdb).\n" +
    "Nothing is written.\n" +
    "Exit code 4 where something is not as it must be.",
  options: [keyOption],
  takesConfig: "all",
  async run(run) {
    const file = String(run.args[0]);
    const { config } = await run.context.loadConfig(run.flags);
    await using hasher = new HashPool({ threads: availableParallelism(), maxWaiting: 1000 });
    const keys = keysOf(config);
    const registers = new Map([...keys.keys()].map((name) => [name, new MemoryRegister()]));
    const trust: BundleTrust = {
      keys,
      // Only of databases whose key is known.
      registerOf: (name) => registers.get(name) ?? new MemoryRegister(),
      cached: () => Promise.resolve(null),
    };
    const manifest = await prove(run, file, { config, trust, hasher });
    return {
      data: { ...summaryOf(manifest), isProved: true },
      exitCode: exitCodes.fine,
      text: () => describe(manifest, "proved"),
    };
  },
};

/** `modgate bundle import`: brings a proved bundle into the cache. */
export const bundleImportCommand: CommandSpec = {
  usage: "import <file>",
  summary: "Prove a bundle, and bring it into the cache",
  examples: [
    "modgate bundle import modules.tar --trusted-key modgate-bundle+1a2b3c4d+AbCd...",
    "modgate serve --network offline",
  ],
  details:
    "All of it is proved before anything is taken in, as `bundle verify` does, and\n" +
    "against the tree head that is known here. Works beside a running gateway.\n" +
    "Exit code 4 where something is not as it must be; then nothing was taken in.",
  options: [keyOption],
  takesConfig: "all",
  async run(run) {
    const { context } = run;
    const file = String(run.args[0]);
    await using workshop = await context.openWorkshop(await context.loadConfig(run.flags));
    const { config, files: store, trust } = workshop;
    let done = 0;
    let total = 0;
    using progress = run.progress("files");
    const importer = new BundleImporter({
      store,
      firstSeen: trust.firstSeen,
      nowMs: context.clock.now(),
      onFile: ({ path }) => progress.update(++done, total, path),
    });
    const manifest = await prove(run, file, {
      config,
      hasher: trust.hasher,
      trust: {
        keys: keysOf(config),
        registerOf: (name) => trust.headOf(name),
        cached: async (key) => (await store.find(key))?.bytes ?? null,
      },
      // Before the tree head moves on.
      onManifest: (read) => importer.checkEarlier(read),
    });
    total = manifest.files.filter(({ isHere }) => isHere).length;
    await read(run, file, { config, visitor: importer });
    const { counts } = importer;
    return {
      data: { ...summaryOf(manifest), ...counts },
      exitCode: exitCodes.fine,
      text: () =>
        `${describe(manifest, "proved")}${counted(counts.imported, "file")} taken in, ${counts.present} were here\n`,
    };
  },
};

async function prove(
  run: CommandRun,
  file: string,
  {
    config,
    onManifest = () => Promise.resolve(),
    ...parts
  }: {
    readonly config: Config;
    readonly trust: BundleTrust;
    readonly hasher: Hasher;
    readonly onManifest?: (manifest: Manifest) => Promise<void>;
  },
): Promise<Manifest> {
  using progress = run.progress("files");
  let done = 0;
  const { clock, signal } = run.context;
  const onFile = (): void => progress.update(++done, null, "proving");
  await using prover = new BundleProver({ ...parts, clock, signal, onFile });
  const visitor: BundleVisitor = {
    async begin(read) {
      await onManifest(read);
      prover.begin(read);
    },
    file: (one, content) => prover.file(one, content),
  };
  const manifest = await read(run, file, { config, visitor });
  await prover.end();
  return manifest;
}

async function read(
  run: CommandRun,
  file: string,
  { config, visitor }: { readonly config: Config; readonly visitor: BundleVisitor },
): Promise<Manifest> {
  const given = run.options["trustedKey"];
  const keys = [...config.bundleKeys, ...(Array.isArray(given) ? given.map(String) : [])];
  if (keys.length === 0) {
    throw new Problem("USAGE", "Nobody's bundles are trusted yet: no key is named", {
      hint: "--trusted-key NAME+HASH+KEY with the key that `modgate bundle create` printed, or bundleKeys in modgate.yaml",
    });
  }
  const input = createReadStream(file);
  try {
    return await readBundle(input, keys, visitor);
  } catch (error) {
    if (error instanceof Problem || !(error instanceof Error && "code" in error)) throw error;
    throw new Problem("USAGE", `Cannot read ${file}: ${fileTrouble(error)}`, { cause: error, hint: "name a bundle" });
  } finally {
    input.destroy();
  }
}

function keysOf(config: Config): ReadonlyMap<string, string> {
  const all = [config.sumdb, ...config.sumdbs.map(({ sumdb }) => sumdb)];
  return new Map(all.flatMap((sumdb) => (sumdb === null ? [] : [[sumdb.name, sumdb.key]])));
}

function summaryOf({ createdAt, since, databases, modules, files }: Manifest): object {
  const bytes = files.reduce((sum, { size, isHere }) => sum + (isHere ? size : 0), 0);
  return {
    createdAt,
    since,
    databases: databases.map(({ name }) => name),
    modules: modules.length,
    files: files.length,
    bytes,
  };
}

function describe({ createdAt, modules, files, databases }: Manifest, word: string): string {
  const bytes = files.reduce((sum, { size, isHere }) => sum + (isHere ? size : 0), 0);
  const vouched = modules.filter(({ database }) => database === null).length;
  return (
    `${word}: ${counted(modules.length, "version")}, ${humanBytes(bytes)}, made ${createdAt.slice(0, 16).replace("T", " ")} UTC\n` +
    databases
      .map(
        ({ name }) =>
          `  by the checksum database ${name}: ${modules.filter(({ database }) => database === name).length}\n`,
      )
      .join("") +
    (vouched > 0 ? `  by the signer alone, because no database knows them: ${vouched}\n` : "")
  );
}
