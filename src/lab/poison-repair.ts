import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sumLines } from "./lab-module.ts";
import type { LabStep } from "./lab-story.ts";
import { type PoisonBench, recordedSum } from "./poison-bench.ts";
import { publishedModule } from "./poison-scene.ts";
import type { Poisoned } from "./poison-steps.ts";

/** The poisoned cache is found out, mended, and built with; the go.sum that recorded the other bytes is mended, too. */
export async function repair(bench: PoisonBench, { workplace, project }: Poisoned): Promise<LabStep> {
  const settings = { GOPROXY: bench.honestProxy, GOSUMDB: bench.sumdb };
  const here = { workplace, settings };
  const honest = await bench.project(sumLines(publishedModule));
  const before = await bench.cached(workplace);
  const run = ["run", "."];
  const runs = [
    await bench.runModgate({ ...here, project: honest, args: ["audit-cache"] }),
    await bench.runModgate({ ...here, project: honest, args: ["audit-cache", "--repair"] }),
    await bench.run({ ...here, project: honest, args: run, note: "The project whose go.sum is right builds again:" }),
    await bench.run({
      ...here,
      project,
      args: run,
      note: "The one whose go.sum recorded the other bytes is stopped now:",
    }),
  ];
  await dropSum(project);
  const tidy = ["mod", "tidy"];
  runs.push(
    await bench.run({
      ...here,
      project,
      args: tidy,
      note: "Without that line, go asks the database for the right one:",
    }),
    await bench.run({ ...here, project, args: run }),
  );
  const after = await bench.cached(workplace);
  return {
    id: "repaired",
    title: "modgate audit-cache --repair mends the cache",
    shows:
      "It hashes what is there, compares it with go.sum and the database, removes what is wrong and nothing else, and fetches it anew. A go.sum that recorded the other bytes has to be mended by hand.",
    runs,
    facts: [
      ...before.map(({ name, value }) => ({ name: `${name}, before`, value })),
      ...after.map(({ name, value }) => ({ name: `${name}, after`, value })),
      await recordedSum(project),
    ],
  };
}

// What an editor would do with the line of the zip.
async function dropSum(project: string): Promise<void> {
  const file = join(project, "go.sum");
  const { path, version } = publishedModule;
  const lines = (await readFile(file, "utf8")).split("\n");
  await writeFile(file, lines.filter((line) => !line.startsWith(`${path} ${version} `)).join("\n"));
}
