import { join } from "node:path";
import { goCommand } from "../test/testkit/go-command.ts";
import { generateGraph } from "../test/testkit/generate-graph.ts";
import { UpstreamServer } from "../test/testkit/upstream-server.ts";
import type { BenchContext } from "./bench-context.ts";
import type { Finding } from "./report.ts";
import { interleave, medianOf, ratioOf } from "./rounds.ts";

const program = join(import.meta.dirname, "../bin/modgate");
const verify = "go mod verify";
const audit = "modgate audit-cache";
const identity = (ms: number): number => ms;

/**
 * `modgate audit-cache` side by side with `go mod verify` on one module cache and build list of 300 modules. Both hash
 * every zip and every unpacked version; the audit also each go.mod, and compares with go.sum.
 */
export async function measureAudit(context: BenchContext): Promise<Finding> {
  await using go = await goCommand();
  // About the mean size of real modules: 50 files, 700 kB of sources.
  const graph = await generateGraph({ modules: 300, seed: 8, filler: { files: 50, bytesEach: 14_000 } });
  await using upstream = await UpstreamServer.start({ tree: graph.tree });
  const cwd = await go.project(graph.main);
  const env = { GOPROXY: upstream.url };
  const filled = await go.run(["mod", "download"], { cwd, env });
  if (filled.exitCode !== 0) throw new Error(`go mod download ended with ${filled.exitCode}\n${filled.stderr}`);
  const timed = async (run: ReturnType<typeof go.run>): Promise<number> => {
    const { exitCode, stdout, stderr, tookMs } = await run;
    if (exitCode !== 0) throw new Error(`ended with ${exitCode}\n${stdout}${stderr}`);
    return tookMs;
  };
  const results = await interleave(
    new Map([
      [verify, () => timed(go.run(["mod", "verify"], { cwd }))],
      [audit, () => timed(go.exec(program, ["audit-cache"], { cwd, env }))],
    ]),
    Math.max(5, context.rounds),
  );
  const faster = 1 / ratioOf(results, audit, verify, identity);
  const rows = [verify, audit].map((name) => ({ name, values: { ms: medianOf(results, name, identity) } }));
  return {
    title: "hashing a module cache of 300 modules anew",
    rows,
    targets: [{ what: "audit-cache, times as fast as go mod verify", got: faster, want: 1.5, isAtMost: false }],
  };
}
