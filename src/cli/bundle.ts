import { createReadStream, createWriteStream } from "node:fs";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBundle, type EarlierBundle } from "../bundle/create-bundle.ts";
import { manifestName, parseManifest } from "../bundle/manifest.ts";
import { wholeOf } from "../bundle/read-bundle.ts";
import { writeBundle } from "../bundle/write-bundle.ts";
import { askInProcess } from "../gateway/in-process.ts";
import { h1OfGoMod } from "../gomod/h1.ts";
import { Problem } from "../kernel/problem.ts";
import { pathOfKey } from "../store/data-folder.ts";
import { readTar } from "../store/read-tar.ts";
import { newSigningKey, type NoteSigner, noteSigner } from "../sumdb/note-signer.ts";
import type { Workshop } from "./cli-context.ts";
import type { CommandRun, CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { fileTrouble } from "./file-trouble.ts";
import { counted, humanBytes } from "./human-units.ts";
import { readGoSums } from "./read-go-sums.ts";
import { toolchainModules } from "./toolchain-modules.ts";

/** `modgate bundle create`: modules with everything that proves them, in one signed file. */
export const bundleCreateCommand: CommandSpec = {
  usage: "create <go.sum...>",
  summary: "Write what go.sum files name, with its proofs, into one signed file",
  examples: [
    "modgate bundle create go.sum --out modules.tar",
    "modgate bundle create */go.sum --toolchain --out modules.tar",
    "modgate bundle create go.sum --since modules.tar --out more.tar",
  ],
  details:
    "The file has the modules, and lookups, tiles and the tree head of the checksum\n" +
    "database, so that it can be proved without a network. --since leaves out the\n" +
    "modules that an earlier bundle has. Signed with the Ed25519 key in --key, which\n" +
    "is made where it is missing; `bundle verify` and `bundle import` need its public\n" +
    "half, which this prints.",
  options: [
    ["--out <file>", "The file to write (default: modgate-bundle.tar)"],
    ["--since <bundle>", "Leave out the modules that this earlier bundle has"],
    ["--toolchain [names...]", "Toolchains too, as go.mod asks, or by name: go1.26.0.linux-amd64"],
    ["--vulndb", "The vulnerability database too (vulndb.source)"],
    ["--key <file>", "The signing key (default: bundle.key in the data folder)"],
  ],
  takesConfig: "all",
  async run(run) {
    const { context, options } = run;
    const goSums = Array.isArray(run.args[0]) ? run.args[0] : [];
    const out = typeof options["out"] === "string" ? options["out"] : "modgate-bundle.tar";
    const versions = [...(await readGoSums(goSums)), ...(await toolchainsOf(run, goSums))];
    const earlier = typeof options["since"] === "string" ? await readEarlier(options["since"]) : null;
    await using workshop = await context.openWorkshop(await context.loadConfig(run.flags));
    const keyFile = typeof options["key"] === "string" ? options["key"] : join(workshop.config.data, "bundle.key");
    const signer = await signerOf(keyFile);
    using progress = run.progress("files");
    let fetched = 0;
    const { manifest, content } = await createBundle(
      {
        fetch: async (key) => {
          const { artifact, problem } = await askInProcess(workshop, `/${key}`, context.signal);
          progress.update(++fetched, null, key);
          if (artifact === null) throw problem ?? new Problem("STORE_FAILED", `${key} was not served`);
          return artifact.file;
        },
        databaseOf: (module) => workshop.databaseOf(module),
        hashOf: async ({ module, version }, file, stored) =>
          file === "mod"
            ? h1OfGoMod(stored.bytes ?? (await wholeOf(stored.stream())))
            : (
                await workshop.trust.hasher.zip(
                  { module, version, content: await pathOf(workshop, stored.key) },
                  context.signal,
                )
              ).h1,
        hasVulndb: options["vulndb"] === true,
        nowMs: context.clock.now(),
        signal: context.signal,
      },
      versions,
      earlier,
    );
    await writeWhole(out, writeBundle(manifest, content, signer));
    const here = manifest.files.filter(({ isHere }) => isHere);
    const bytes = here.reduce((sum, { size }) => sum + size, 0);
    const left = manifest.files.length - here.length;
    return {
      data: {
        file: out,
        modules: manifest.modules.length,
        files: here.length,
        inherited: left,
        bytes,
        verifierKey: signer.verifierKey,
      },
      exitCode: exitCodes.fine,
      text: () =>
        `${counted(manifest.modules.length, "version")}, ${counted(here.length, "file")}, ${humanBytes(bytes)} written to ${out}\n` +
        (left > 0 ? `${counted(left, "file")} left out: the earlier bundle has them\n` : "") +
        manifest.databases.map(({ name }) => `proved by ${name}\n`).join("") +
        `signed by ${signer.verifierKey}\n`,
    };
  },
};

function toolchainsOf(run: CommandRun, goSums: readonly string[]): ReturnType<typeof toolchainModules> {
  const asked = run.options["toolchain"];
  if (asked === undefined) return Promise.resolve([]);
  return toolchainModules(Array.isArray(asked) ? asked.map(String) : [], goSums);
}

/** The file of a cached zip; what was fetched just now is published first. */
async function pathOf(workshop: Workshop, key: string): Promise<string> {
  await workshop.idle();
  return pathOfKey(workshop.files.parts.folder, key);
}

async function readEarlier(path: string): Promise<EarlierBundle> {
  const input = createReadStream(path);
  try {
    for await (const entry of readTar(input)) {
      if (entry.name !== manifestName) continue;
      const json = await wholeOf(entry.content);
      return { json, manifest: parseManifest(json) };
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw unusable(path, error);
  } finally {
    input.destroy();
  }
  throw new Problem("USAGE", `${path} is no bundle: it has no ${manifestName}`, {
    hint: "name a file that `modgate bundle create` has written",
  });
}

async function signerOf(path: string): Promise<NoteSigner> {
  try {
    return noteSigner(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw unusable(path, error);
  }
  const key = newSigningKey("modgate-bundle");
  try {
    await using file = await open(path, "wx", 0o600);
    await file.writeFile(`${key}\n`);
    await file.sync();
  } catch (error) {
    throw unusable(path, error);
  }
  return noteSigner(key);
}

/** A file is there only when it is whole. */
async function writeWhole(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const fresh = `${path}.part`;
  try {
    await pipeline(Readable.from(chunks), createWriteStream(fresh, { flush: true }));
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    if (error instanceof Problem) throw error;
    throw unusable(path, error);
  }
}

function unusable(path: string, cause: unknown): Problem {
  return new Problem("USAGE", `Cannot use ${path}: ${fileTrouble(cause)}`, { cause, hint: "name another file" });
}
