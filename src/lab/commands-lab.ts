import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { caseName, type CommandCase, commandCases } from "./commands-cases.ts";
import { commandsTree, filesOf } from "./commands-scene.ts";
import { evidenceOf, LabBench, type LabOptions, runsAtOnce } from "./lab-bench.ts";
import { labDatabaseOf } from "./lab-database.ts";
import { openLabFolder, writeTexts } from "./lab-folder.ts";
import type { SeenRequest } from "./lab-recorder.ts";
import type { LabReport, LabRow } from "./lab-table.ts";
import { answerHonestly } from "./lab-upstream.ts";
import { maskText } from "./mask-text.ts";
import { runAll } from "./run-all.ts";

/** The file kinds that are counted, with the titles of their columns. */
const kinds: readonly (readonly [string, RegExp])[] = [
  ["list", /\/@v\/list$/],
  ["latest", /\/@latest$/],
  ["info", /\.info$/],
  ["mod", /\.mod$/],
  ["zip", /\.zip$/],
  ["lookup", /^\/sumdb\/[^/]+\/lookup\//],
  ["tile", /^\/sumdb\/[^/]+\/tile\//],
];

interface Work {
  readonly one: CommandCase;
  readonly sumdb: "on" | "off";
}

/**
 * Runs each command with an empty module cache and then once more in the same place, with the checksum database on
 * behind the proxy and off, and gives which files it asked for and what it changed. USAGE where go cannot be run.
 */
export async function runCommandsLab(options: LabOptions): Promise<LabReport> {
  const database = labDatabaseOf(commandsTree.modules);
  await using bench = await LabBench.open(options, answerHonestly(commandsTree, database));
  const all = commandCases.flatMap((one) => (["on", "off"] as const).map((sumdb): Work => ({ one, sumdb })));
  let done = 0;
  const rows = await runAll(all, runsAtOnce, async (work) => {
    const pair = await runTwice(bench, work, database.key);
    options.onProgress((done += pair.length), all.length * 2);
    return pair;
  });
  const table = {
    title: "Commands",
    notes: [
      "Each command runs with an empty module cache (`cold`) and once more in the same place (`warm`), with the checksum database behind the proxy `on` and `off`.",
      "list, latest, info, mod and zip: how many such files the proxy was asked for; lookup and tile: how many the checksum database.",
      "**go.mod** and **go.sum**: lines that the command added and took out; `-` where there is no main module. A main module is tidy and has its go.sum, save where the command makes it.",
    ],
    axes: [
      { name: "command", title: "command", values: commandCases.map((one) => caseName(one)), isKept: true },
      { name: "cache", title: "cache", values: ["cold", "warm"] },
      { name: "sumdb", title: "GOSUMDB", values: ["on", "off"] },
    ],
    columns: [...kinds.map(([title]) => title), "go.mod", "go.sum"],
    hasLegend: false,
    rows: rows.flat(),
  };
  return { lab: "commands", title: "What each command of go asks for", go: bench.version, tables: [table] };
}

async function runTwice(bench: LabBench, { one, sumdb }: Work, key: string): Promise<LabRow[]> {
  await using folder = await openLabFolder(bench.folder);
  const project = join(folder.path, "project");
  const goPath = join(folder.path, "gopath");
  for (const path of [project, goPath]) await mkdir(path);
  await writeTexts(project, filesOf(one.place));
  const rows: LabRow[] = [];
  for (const cache of ["cold", "warm"]) {
    await using recorder = await bench.recorder();
    const before = await modFiles(project);
    const { exitCode, stderr } = await bench.go.run({
      args: one.line.split(" "),
      cwd: project,
      goPath,
      environment: { GOPROXY: recorder.url, GOSUMDB: sumdb === "on" ? key : "off" },
    });
    const after = await modFiles(project);
    const masked = maskText(stderr, [
      ["proxy", recorder.host],
      ["folder", folder.path],
    ]);
    rows.push({
      values: { command: caseName(one), cache, sumdb },
      ...askedOf(recorder.requests()),
      exitCode,
      // Downloads are told in the order in which they happen to begin.
      message: masked.replaceAll(/^go: (?:downloading|finding|added|upgraded|downgraded) .*\n?/gm, "").trimEnd(),
      facts: { ...countsOf(recorder.requests()), ...changesOf(before, after) },
      advice: null,
      command: null,
      evidence: await evidenceOf(recorder, { project, goPath }),
    });
  }
  return rows;
}

function askedOf(requests: readonly SeenRequest[]): Pick<LabRow, "outcome" | "did"> {
  const names = requests.map(({ path }) => shortName(path)).toSorted();
  const counted = [...new Set(names)].map((name) => {
    const times = names.filter((other) => other === name).length;
    return times === 1 ? name : `${name} ×${times}`;
  });
  return names.length === 0
    ? { outcome: "asks-nobody", did: "asks nobody" }
    : { outcome: "asks", did: `asks ${counted.join(" ")}` };
}

/** A path as the rows have it: a@v1.2.0.info, a@list, a@latest, supported, lookup:a@v1.2.0, tile:8/0/000. */
function shortName(path: string): string {
  return path
    .replace(/^\/sumdb\/[^/]+\/(\w+)\/?/, "$1:")
    .replace(/:$/, "")
    .replace(/lab\.example\//, "")
    .replace(/^\//, "")
    .replace(/\/?@v\//, "@")
    .replace("/@latest", "@latest");
}

function countsOf(requests: readonly SeenRequest[]): Record<string, string> {
  const counts = kinds.map(([title, pattern]) => {
    const count = requests.filter(({ path }) => pattern.test(path)).length;
    return [title, count === 0 ? "-" : String(count)] as const;
  });
  return Object.fromEntries(counts);
}

type ModFiles = Readonly<Record<"go.mod" | "go.sum", readonly string[] | null>>;

async function modFiles(project: string): Promise<ModFiles> {
  const [goMod, goSum] = await Promise.all(
    ["go.mod", "go.sum"].map((name) => readFile(join(project, name), "utf8").catch(() => null)),
  );
  const linesOf = (text: string | null | undefined): readonly string[] => (text ?? "").split("\n");
  return { "go.mod": goMod === null ? null : linesOf(goMod), "go.sum": goMod === null ? null : linesOf(goSum) };
}

function changesOf(before: ModFiles, after: ModFiles): Record<string, string> {
  return {
    "go.mod": changeOf(before["go.mod"], after["go.mod"]),
    "go.sum": changeOf(before["go.sum"], after["go.sum"]),
  };
}

function changeOf(before: readonly string[] | null, after: readonly string[] | null): string {
  if (before === null || after === null) return "-";
  const meaning = (lines: readonly string[]): string[] =>
    lines.map((line) => line.trim()).filter((line) => line !== "");
  const [old, now] = [meaning(before), meaning(after)];
  const added = now.filter((line) => !old.includes(line)).length;
  const gone = old.filter((line) => !now.includes(line)).length;
  return added + gone === 0
    ? "same"
    : [...(added > 0 ? [`+${added}`] : []), ...(gone > 0 ? [`-${gone}`] : [])].join(" ");
}
