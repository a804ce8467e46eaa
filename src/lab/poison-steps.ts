import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cachedFiles } from "./cached-module.ts";
import { sumLines } from "./lab-module.ts";
import type { LabFact, LabStep } from "./lab-story.ts";
import { type PoisonBench, recordedSum, type Workplace } from "./poison-bench.ts";
import { otherModule, poisonSubject, publishedModule } from "./poison-scene.ts";

/** A module cache with other bytes than were published, and the project whose build brought them. */
export interface Poisoned {
  readonly step: LabStep;
  readonly workplace: Workplace;
  readonly project: string;
}

const get = ["get", poisonSubject];
const run = ["run", "."];

/** The version is published, recorded, and built as it should be. */
export async function publish(bench: PoisonBench): Promise<LabStep> {
  const workplace = bench.workplace();
  const project = await bench.project();
  const at = { workplace, project, settings: { GOPROXY: bench.honestProxy, GOSUMDB: bench.sumdb } };
  return {
    id: "published",
    title: "A version is published, and the checksum database records it",
    shows:
      "With an honest proxy and the database on, go downloads it, asks the database, and writes the hash to go.sum.",
    runs: [await bench.run({ ...at, args: get }), await bench.run({ ...at, args: run })],
    facts: [
      { name: "recorded for good", value: publishedModule.zipHash },
      await recordedSum(project),
      ...(await bench.cached(workplace)),
    ],
  };
}

/** What the database does about a proxy with other bytes. */
export async function refuse(bench: PoisonBench): Promise<LabStep> {
  const workplace = bench.workplace();
  const project = await bench.project();
  const at = { workplace, project, settings: { GOPROXY: bench.otherProxy, GOSUMDB: bench.sumdb } };
  const refused = await bench.run({ ...at, args: get });
  return {
    id: "database-on",
    title: "A proxy has other bytes for it; with the database on they get nowhere",
    shows:
      "The proxy was tampered with, or it is stale and kept a tag that was moved. go refuses the zip and keeps nothing of it but the .info, which no hash covers.",
    runs: [refused],
    facts: [
      { name: "bytes of that proxy", value: otherModule.zipHash },
      { name: "files kept", value: filesText(await cachedFiles(publishedModule, workplace.modCache)) },
      ...(await bench.cached(workplace)),
    ],
  };
}

/** How the other bytes get into a module cache, by each setting that keeps the database from being asked. */
export async function poison(bench: PoisonBench, by: "GOSUMDB" | "GOPRIVATE"): Promise<Poisoned> {
  const workplace = bench.workplace();
  const project = await bench.project();
  const proxy = { GOPROXY: bench.otherProxy };
  const settings =
    by === "GOSUMDB"
      ? { ...proxy, GOSUMDB: "off" }
      : { ...proxy, GOSUMDB: bench.sumdb, GOPRIVATE: "*", GONOPROXY: "none" };
  const at = { workplace, project, settings };
  const runs = [
    await bench.run({ ...at, args: get }),
    await bench.run({ ...at, args: run }),
    await bench.run({ ...at, args: ["mod", "verify"] }),
  ];
  const facts: LabFact[] = [await recordedSum(project), ...(await bench.cached(workplace))];
  const { title, shows } = poisonTexts[by];
  return { step: { id: `poisoned-by-${by.toLowerCase()}`, title, shows, runs, facts }, workplace, project };
}

/** What later builds do with a poisoned cache, once proxy and settings are right again. */
export async function buildLater(bench: PoisonBench, { workplace, project }: Poisoned): Promise<LabStep> {
  const settings = { GOPROXY: bench.honestProxy, GOSUMDB: bench.sumdb };
  const verify = ["mod", "verify"];
  const poisonedSum = await readFile(join(project, "go.sum"), "utf8");
  const here = { workplace, settings };
  const poisoned = { ...here, project };
  const fresh = { ...here, project: await bench.project() };
  const honest = { ...here, project: await bench.project(sumLines(publishedModule)) };
  const elsewhere = { settings, workplace: bench.workplace(), project: await bench.project(poisonedSum) };
  const runs = [
    await bench.run({ ...poisoned, args: run, note: "In the project whose go.sum recorded the other bytes:" }),
    await bench.run({ ...poisoned, args: verify, note: "It finds nothing:" }),
    await bench.run({ ...fresh, args: get, note: "In a new project, whose go.sum has no line yet:" }),
    await bench.run({ ...honest, args: run, note: "In a project whose go.sum is right:" }),
    await bench.run({ ...honest, args: verify, note: "Even there it finds nothing:" }),
    await bench.run({
      ...elsewhere,
      args: run,
      note: "On a clean machine, with the go.sum that recorded the other bytes:",
    }),
  ];
  return {
    id: "later-builds",
    title: "Later, with an honest proxy and the database on",
    shows:
      "The other code keeps running where go.sum recorded it: nobody is asked again. Whoever has the right go.sum, or asks the database, is stopped; so is every clean machine that gets the wrong go.sum. `go mod verify` compares the cache with itself and says that all is well.",
    runs,
    facts: await bench.cached(workplace),
  };
}

const poisonTexts = {
  GOSUMDB: {
    title: "The same proxy, GOSUMDB=off",
    shows:
      "go has nothing to compare the zip with, so it takes it. Zip, hash file and folder agree with one another, go.sum records the hash, and the other code runs.",
  },
  GOPRIVATE: {
    title: "The same proxy, GOPRIVATE=* and GONOPROXY=none",
    shows:
      "GOPRIVATE=* makes every module private, and private modules are never looked up in the database. Without GONOPROXY=none go would pass by every proxy, straight to version control.",
  },
} as const;

function filesText(files: readonly string[]): string {
  return files.length === 0 ? "none" : files.join(", ");
}
