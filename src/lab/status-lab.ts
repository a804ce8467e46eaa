import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { statusMasks } from "./failover-faults.ts";
import { evidenceOf, LabBench, type LabOptions, runsAtOnce } from "./lab-bench.ts";
import { labDatabaseOf } from "./lab-database.ts";
import { openLabFolder } from "./lab-folder.ts";
import { labModule } from "./lab-module.ts";
import type { LabReport, LabRow } from "./lab-table.ts";
import { labTree } from "./lab-tree.ts";
import { answerSpoiltByName } from "./lab-upstream.ts";
import { maskText } from "./mask-text.ts";
import { runAll } from "./run-all.ts";

const statuses = ["200", "304", "404", "410"];
const pseudo = "v0.0.0-20240101000000-abcdefabcdef";

/** The file that has the status, and the command that needs it. */
const files: readonly { readonly file: string; readonly args: (module: string) => readonly string[] }[] = [
  { file: "list", args: (module) => ["list", "-m", "-versions", module] },
  { file: "latest", args: (module) => ["list", "-m", `${module}@latest`] },
  { file: "info", args: (module) => ["list", "-m", `${module}@v1.0.0`] },
  { file: "mod", args: (module) => ["mod", "download", `${module}@v1.0.0`] },
  { file: "zip", args: (module) => ["mod", "download", `${module}@v1.0.0`] },
];

// A file answered with 200 is the right one, with an entity tag.
const moduleOf = (file: string, status: string): string =>
  `lab.example/${status === "200" ? `right-${file}` : `${file}-status-${status}`}`;

const statusTree = labTree(
  files.flatMap(({ file }) =>
    statuses.map((status) =>
      labModule({
        path: moduleOf(file, status),
        // Only a module without any tag has its @latest asked for.
        version: file === "latest" ? pseudo : "v1.0.0",
        files: { "lab.go": "package lab\n\nconst Name = `lab`\n" },
      }),
    ),
  ),
);

/**
 * Has each kind of file answered with 200 and an entity tag, 304, 404 and 410, runs the command that needs it twice over
 * the same module cache, and gives what it does and whether it asks again or conditionally. USAGE where go cannot be run.
 */
export async function runStatusLab(options: LabOptions): Promise<LabReport> {
  await using bench = await LabBench.open(options, answerSpoiltByName(statusTree, labDatabaseOf(statusTree.modules)));
  const all = files.flatMap((one) => statuses.map((status) => ({ ...one, status })));
  let done = 0;
  const rows = await runAll(all, runsAtOnce, async ({ file, args, status }): Promise<LabRow> => {
    await using folder = await openLabFolder(bench.folder);
    await using recorder = await bench.recorder();
    const module = moduleOf(file, status);
    const goPath = join(folder.path, "gopath");
    await mkdir(goPath);
    const run = { args: args(module), cwd: folder.path, goPath, environment: { GOPROXY: recorder.url } };
    const { exitCode, stderr, stdout } = await bench.go.run(run);
    const evidence = await evidenceOf(recorder, { project: folder.path, goPath });
    const isOfFile = ({ path }: { readonly path: string }): boolean => path.endsWith(file);
    const first = recorder.requests().length;
    const second = await bench.go.run(run);
    const [before, after] = [recorder.requests().slice(0, first), recorder.requests().slice(first)];
    options.onProgress(++done, all.length);
    const conditional = recorder.requests().filter(({ isConditional }) => isConditional).length;
    return {
      values: { file, status },
      ...outcomeOf(exitCode, second.exitCode),
      exitCode,
      message: maskText(stderr, [
        ...statusMasks(status),
        ["proxy", recorder.host],
        ["module", module],
        ["folder", folder.path],
      ]),
      facts: {
        prints: stdout.trim().replaceAll(module, "{module}") || "-",
        asked: String(before.filter(isOfFile).length),
        "asked again": String(after.filter(isOfFile).length),
        conditional: conditional === 0 ? "never" : String(conditional),
      },
      advice: null,
      command: null,
      evidence,
    };
  });
  const table = {
    title: "Statuses",
    notes: [
      "Each row is a real go with GOSUMDB=off that needs the file: `go list -m -versions` a list, `go list -m MODULE@latest` of a module without tags its @latest, `go list -m MODULE@v1.0.0` .info, `go mod download MODULE@v1.0.0` .mod and .zip.",
      "A file that is answered with 200 has an ETag. The command runs twice over one module cache; **asked again**: how often the second run asked for the file; **conditional**: how many requests had If-None-Match or If-Modified-Since.",
      "`{proxy}`, `{module}` and `{status}` stand for what differs between the rows.",
    ],
    axes: [
      { name: "file", title: "file", values: files.map(({ file }) => file), isKept: true },
      { name: "status", title: "status", values: statuses },
    ],
    columns: ["asked", "asked again", "conditional", "prints"],
    hasLegend: true,
    rows,
  };
  return { lab: "status", title: "What each status means to go", go: bench.version, tables: [table] };
}

function outcomeOf(first: number | null, second: number | null): Pick<LabRow, "outcome" | "did"> {
  if (first === 0) return { outcome: "goes-on", did: "has what it needs" };
  return second === 0
    ? { outcome: "fails-once", did: "fails, and not the second time" }
    : { outcome: "fails", did: "fails" };
}
