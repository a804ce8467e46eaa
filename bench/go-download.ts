import { type GoCommand, goCommand } from "../test/testkit/go-command.ts";
import { type BenchContext, anotherModgate, bothCores } from "./bench-context.ts";
import type { Server } from "./launch.ts";
import { moveTo } from "./process-stats.ts";
import type { Finding, Row, Target } from "./report.ts";
import { interleave, medianOf, ratioOf } from "./rounds.ts";
import { startStatic } from "./servers.ts";

const straight = "straight at the upstream";
const cold = "modgate, cold";
const warm = "modgate, warm";

/**
 * `go mod download` of the graph, each time into an empty module cache: straight at the upstream, and through modgate.
 * Once with an upstream that answers at once, where every microsecond shows, and once with one 10 ms away.
 */
export async function measureGo(context: BenchContext): Promise<Finding> {
  await using stack = new AsyncDisposableStack();
  const go = stack.use(await goCommand());
  const project = await go.project(context.site.main);
  moveTo(bothCores, context.modgate.pids());
  const site = context.site.folder;
  const far = stack.use(await startStatic({ folder: context.newFolder("far"), site, cores: null, delayMs: 10 }));
  const rows: Row[] = [];
  const targets: Target[] = [];
  for (const [upstream, away] of [
    [context.upstream, "0 ms away"],
    [far, "10 ms away"],
  ] as const) {
    const subjects = subjectsFor(context, upstream, (proxy) => download(go, project, proxy));
    const results = await interleave(subjects, Math.max(5, context.rounds));
    const ratio = (name: string): number => ratioOf(results, name, straight, identity);
    for (const name of subjects.keys()) {
      const ms = medianOf(results, name, identity);
      rows.push({ name: `${name}, ${away}`, values: { ms, "× straight": ratio(name) } });
    }
    targets.push(
      { what: `cold against straight, upstream ${away}`, got: ratio(cold), want: 1.15, isAtMost: true },
      { what: `warm against straight, upstream ${away}`, got: ratio(warm), want: 1.05, isAtMost: true },
    );
  }
  return { title: "go mod download of 300 modules, empty GOMODCACHE each time", rows, targets };
}

function subjectsFor(
  context: BenchContext,
  upstream: Server,
  run: (proxy: string) => Promise<number>,
): Map<string, () => Promise<number>> {
  return new Map([
    [straight, () => run(upstream.url)],
    [
      cold,
      async () => {
        await using empty = await anotherModgate(context, { upstream });
        return await run(empty.url);
      },
    ],
    [warm, () => run(context.modgate.url)],
  ]);
}

async function download(go: GoCommand, project: string, proxy: string): Promise<number> {
  await go.coldCache();
  const ran = await go.run(["mod", "download"], { cwd: project, env: { GOPROXY: proxy } });
  if (ran.exitCode !== 0) {
    throw new Error(`go mod download through ${proxy} ended with ${ran.exitCode}\n${ran.stderr}`);
  }
  return ran.tookMs;
}

const identity = (ms: number): number => ms;
