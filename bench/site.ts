import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "../src/kernel/random.ts";
import { generateGraph, noise } from "../test/testkit/generate-graph.ts";
import type { GoProject } from "../test/testkit/go-command.ts";
import { moduleTree, type ModuleTree } from "../test/testkit/module-tree.ts";

/** A generated module tree on disk, in the layout of a module proxy; the same bytes each time. */
export interface Site {
  readonly folder: string;
  /** .info and .mod of the graph, as request paths. */
  readonly small: readonly string[];
  /** Zips by their size in MiB. */
  readonly zips: Readonly<Record<"1" | "16", readonly string[]>>;
  /** 1 GiB of zips in all. */
  readonly streamed: readonly string[];
  /** Needs every module of the graph. */
  readonly main: GoProject;
}

const MiB = 1024 * 1024;
const modules = 300;

/**
 * Writes a graph of 300 modules of about the median size of real ones (30 files, zips of some 100 kB), 8 zips of
 * 1 MiB, 2 of 16 MiB, and with `withStream` 16 of 64 MiB.
 */
export async function makeSite(folder: string, withStream: boolean): Promise<Site> {
  const random = seededRandom(7);
  const graph = await generateGraph({ modules, seed: 7, filler: { files: 30, bytesEach: 10_000 } });
  await writeTree(folder, graph.tree);
  const large = async (name: string, mebibytes: number): Promise<string> => {
    const files = { "data.bin": noise(mebibytes * MiB, random) };
    const path = `gen.example/${name}`;
    await writeTree(folder, await moduleTree([{ path, version: "v1.0.0", files, stored: true }]));
    return `/${path}/@v/v1.0.0.zip`;
  };
  const zips = { "1": [] as string[], "16": [] as string[] };
  for (let index = 0; index < 8; index++) zips["1"].push(await large(`mib${index}`, 1));
  for (let index = 0; index < 2; index++) zips["16"].push(await large(`mibs${index}`, 16));
  const streamed: string[] = [];
  const streamCount = withStream ? 16 : 0;
  for (let index = 0; index < streamCount; index++) streamed.push(await large(`stream${index}`, 64));
  const small = graph.tree.versions.flatMap(({ path, version }) =>
    ["info", "mod"].map((kind) => `/${path}/@v/${version}.${kind}`),
  );
  return { folder, small, zips, streamed, main: graph.main };
}

async function writeTree(folder: string, tree: ModuleTree): Promise<void> {
  for (const { path, version, info, mod, zip } of tree.versions) {
    const place = join(folder, path, "@v");
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "list"), `${version}\n`);
    await writeFile(join(folder, path, "@latest"), info);
    await Promise.all([
      writeFile(join(place, `${version}.info`), info),
      writeFile(join(place, `${version}.mod`), mod),
      writeFile(join(place, `${version}.zip`), zip),
    ]);
  }
}
