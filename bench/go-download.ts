import { goCommand } from "../test/testkit/go-command.ts";
import { type BenchContext, anotherModgate } from "./bench-context.ts";
import { bothCores } from "./bench-context.ts";
import { moveTo } from "./process-stats.ts";
import type { Finding } from "./report.ts";
import { interleave, medianOf, ratioOf } from "./rounds.ts";

/** `go mod download` of the graph, each time into an empty module cache: straight at the upstream, and through modgate. */
export async function measureGo(context: BenchContext): Promise<Finding> {
  await using go = await goCommand();
  const project = await go.project(context.site.main);
  const download = async (proxy: string): Promise<number> => {
    await go.coldCache();
    const ran = await go.run(["mod", "download"], { cwd: project, env: { GOPROXY: proxy } });
    if (ran.exitCode !== 0)
      throw new Error(`go mod download through ${proxy} ended with ${ran.exitCode}\n${ran.stderr}`);
    return ran.tookMs;
  };
  moveTo(bothCores, context.modgate.pids());
  const subjects = new Map([
    ["straight at the upstream", () => download(context.upstream.url)],
    [
      "modgate, cold",
      async () => {
        await using cold = await anotherModgate(context, 1, null);
        return await download(cold.url);
      },
    ],
    ["modgate, warm", () => download(context.modgate.url)],
  ]);
  const results = await interleave(subjects, Math.max(5, context.rounds));
  const same = (ms: number): number => ms;
  const base = "straight at the upstream";
  return {
    title: "go mod download of 300 modules, empty GOMODCACHE each time",
    rows: [...subjects.keys()].map((name) => ({
      name,
      values: { ms: medianOf(results, name, same), "× straight": ratioOf(results, name, base, same) },
    })),
    targets: [
      { what: "cold against straight", got: ratioOf(results, "modgate, cold", base, same), want: 1.15, isAtMost: true },
      { what: "warm against straight", got: ratioOf(results, "modgate, warm", base, same), want: 1.05, isAtMost: true },
    ],
  };
}
