import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { measureAudit } from "./audit.ts";
import { type BenchContext, folderMaker, hasProgram, serverCore } from "./bench-context.ts";
import { measureGo } from "./go-download.ts";
import { measureHot, measureHotProcesses } from "./hot.ts";
import { measureMemory } from "./memory.ts";
import { type Finding, renderFinding, saveFinding } from "./report.ts";
import { startModgate, startStatic } from "./servers.ts";
import { makeSite } from "./site.ts";
import { measureZip } from "./zip.ts";

const usage = `npm run bench -- [--only hot,processes,zip,go,audit,rss] [--seconds N] [--rounds N]
Measures modgate (dist/) side by side with nginx, bare node:http and go straight at the upstream, all on loopback.`;

interface Measurement {
  readonly needs: readonly (readonly [string, string])[];
  readonly measure: (context: BenchContext) => Promise<Finding>;
}

const nginxAndWrk = [
  ["nginx", "-v"],
  ["wrk", "-v"],
  ["taskset", "-V"],
] as const;
const measurements: Readonly<Record<string, Measurement>> = {
  hot: { needs: nginxAndWrk, measure: measureHot },
  processes: { needs: nginxAndWrk, measure: measureHotProcesses },
  zip: { needs: nginxAndWrk, measure: measureZip },
  go: {
    needs: [
      ["go", "version"],
      ["taskset", "-V"],
    ],
    measure: measureGo,
  },
  audit: { needs: [["go", "version"]], measure: measureAudit },
  // Last: it looks at what the others have left behind.
  rss: { needs: [], measure: measureMemory },
};

// What `npm run engines` has brought comes before what the machine has.
process.env["PATH"] = [join(import.meta.dirname, "../.engines/bin"), process.env["PATH"] ?? ""].join(delimiter);

const { values } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(measurements).join(",") },
    seconds: { type: "string", default: "3" },
    rounds: { type: "string", default: "5" },
    help: { type: "boolean", default: false },
  },
});
const chosen = values.only.split(",");
const unknown = chosen.filter((name) => !(name in measurements));
if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `No measurement ${unknown.join(", ")}\n${usage}` : usage);
  process.exit(values.help ? 0 : 2);
}
if (process.platform !== "linux" || availableParallelism() < 2) {
  console.log(
    "Skipped: the benchmark needs Linux (/proc, taskset) and two cores, one for the servers, one for the load",
  );
  process.exit(0);
}

const stack = new AsyncDisposableStack();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => void stack.disposeAsync().finally(() => process.exit(130)));
}
try {
  const scratch = await mkdtemp(join(tmpdir(), "modgate-bench-"));
  stack.defer(() => rm(scratch, { recursive: true, force: true }));
  const newFolder = folderMaker(scratch);
  const say = (line: string): void => console.log(`  ${line}`);
  say(`generating modules in ${scratch}`);
  const site = await makeSite(join(scratch, "site"), chosen.includes("rss"));
  const upstream = stack.use(await startStatic({ folder: newFolder("upstream"), site: site.folder, cores: null }));
  const modgate = stack.use(
    await startModgate({ folder: newFolder("modgate"), upstream: upstream.url, processes: 1, cores: serverCore }),
  );
  const seconds = Number(values.seconds);
  const context: BenchContext = { site, upstream, modgate, seconds, rounds: Number(values.rounds), newFolder, say };
  for (const [name, { needs, measure }] of Object.entries(measurements)) {
    if (chosen.includes(name)) await runOne(context, name, { needs, measure });
  }
} finally {
  await stack.disposeAsync();
}

async function runOne(context: BenchContext, name: string, { needs, measure }: Measurement): Promise<void> {
  const missing: string[] = [];
  for (const [program, flag] of needs) if (!(await hasProgram(program, [flag]))) missing.push(program);
  if (missing.length > 0) {
    context.say(`${name} skipped: ${missing.join(" and ")} not found (npm run engines nginx wrk; taskset: util-linux)`);
    return;
  }
  const finding = await measure(context);
  console.log(renderFinding(finding));
  await saveFinding(name, finding);
}
