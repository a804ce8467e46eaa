import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type FailoverFault, failoverFaults, failoverTree, statusMasks } from "./failover-faults.ts";
import { openFirstProxy } from "./first-proxy.ts";
import { evidenceOf, LabBench, type LabOptions, runsAtOnce } from "./lab-bench.ts";
import { labDatabaseOf } from "./lab-database.ts";
import { openLabFolder } from "./lab-folder.ts";
import { openRecorder, type SeenRequest } from "./lab-recorder.ts";
import type { LabReport, LabRow } from "./lab-table.ts";
import { answerHonestly, answerSpoiltByName } from "./lab-upstream.ts";
import { maskText } from "./mask-text.ts";
import { runAll } from "./run-all.ts";

const separators = { alone: null, comma: ",", bar: "|" } as const;
type Place = keyof typeof separators;

/**
 * Downloads a module with GOPROXY=A, A,B and A|B, where B is honest and A has one fault, for each of them, and gives
 * whether go stops or goes on. Through another proxy, A is that proxy and the fault is its upstream's. USAGE where go
 * cannot be run.
 */
export async function runFailoverLab(options: LabOptions): Promise<LabReport> {
  const database = labDatabaseOf(failoverTree.modules);
  await using bench = await LabBench.open(options, answerSpoiltByName(failoverTree, database));
  const faults = failoverFaults.filter(({ kind }) => kind === "answer" || options.through === null);
  const places = Object.keys(separators) as Place[];
  const all = faults.flatMap((fault) => places.map((place) => ({ fault, place })));
  const honestly = answerHonestly(failoverTree, database);
  let done = 0;
  const rows = await runAll(all, runsAtOnce, async ({ fault, place }) => {
    await using second = await openRecorder(honestly);
    const row = await runRow({ options, bench, second }, { fault, place });
    options.onProgress(++done, all.length);
    return row;
  });
  const table = {
    title: "Faults",
    notes: [
      "Each row is a real `go mod download MODULE@v1.0.0` with an empty module cache and GOSUMDB=off, where the proxy A has the fault and the proxy B has none.",
      "**B** stands nowhere (`alone`: GOPROXY=A), after a `comma` (A,B) or after a `bar` (A|B).",
      "A status is answered for every file; `truncate` ends each file half-way, `truncate zip` the zip alone; `html-200` is a login page; `bad-zip` has one wrong bit in the zip.",
      "A asked, B asked: the files that each was asked for. `{status}`, `{A}` and `{B}` stand for the status line and the addresses.",
    ],
    axes: [
      { name: "fault", title: "A answers", values: faults.map(({ name }) => name) },
      { name: "place", title: "B", values: places },
    ],
    columns: ["A asked", "B asked"],
    hasLegend: true,
    rows,
  };
  return { lab: "failover", title: "When go asks the next proxy", go: bench.version, tables: [table] };
}

interface Scene {
  readonly options: LabOptions;
  readonly bench: LabBench;
  readonly second: Awaited<ReturnType<typeof openRecorder>>;
}

async function runRow(
  { options, bench, second }: Scene,
  { fault, place }: { readonly fault: FailoverFault; readonly place: Place },
): Promise<LabRow> {
  await using folder = await openLabFolder(bench.folder);
  await using recorder = await bench.recorder();
  await using first = await openFirstProxy(fault.kind, { recorder, folder: folder.path, clock: options.machine.clock });
  const goPath = join(folder.path, "gopath");
  await mkdir(goPath);
  const separator = separators[place];
  const { exitCode, stderr } = await bench.go.run({
    args: ["mod", "download", `${fault.module}@v1.0.0`],
    cwd: folder.path,
    goPath,
    environment: {
      ...first.environment,
      GOPROXY: separator === null ? first.url : `${first.url}${separator}${second.url}`,
    },
  });
  const masked = maskText(stderr, [
    ...statusMasks(fault.name),
    ["A", new URL(first.url).host],
    ["B", second.host],
    ["module", fault.module],
    ["folder", folder.path],
  ]);
  const asked = { first: filesOf(recorder.requests()), second: filesOf(second.requests()) };
  return {
    values: { fault: fault.name, place },
    ...outcomeOf(exitCode, asked.second),
    exitCode,
    message: masked
      .replaceAll(/127\.0\.0\.1:\d+->/g, "{client}->")
      .replaceAll(/current time \S+ is after \S+/g, "current time {now} is after {end}"),
    facts: { "A asked": asked.first || "-", "B asked": asked.second || "-" },
    advice: null,
    command: null,
    evidence: await evidenceOf(recorder, { project: folder.path, goPath }),
  };
}

function outcomeOf(exitCode: number | null, ofSecond: string): Pick<LabRow, "outcome" | "did"> {
  if (exitCode === 0) {
    return ofSecond === ""
      ? { outcome: "accepts", did: "takes every file from A" }
      : { outcome: "goes-on", did: `goes on to B for ${ofSecond}` };
  }
  return ofSecond === ""
    ? { outcome: "stops", did: "stops at A" }
    : { outcome: "fails", did: `goes on to B for ${ofSecond} and stops all the same` };
}

// The kinds of the files, each once, in the order in which they were asked for.
function filesOf(requests: readonly SeenRequest[]): string {
  return [...new Set(requests.map(({ path }) => /\w+$/.exec(path)?.[0] ?? path))].join(" ");
}
