import {
  type BenchContext,
  anotherModgate,
  bothCores,
  fetchAll,
  loadCore,
  scriptFolder,
  serverCore,
} from "./bench-context.ts";
import type { Server } from "./launch.ts";
import { cpuMicroseconds } from "./process-stats.ts";
import type { Finding, Row, Target } from "./report.ts";
import { interleave, medianOf, ratioOf, type Rounds } from "./rounds.ts";
import { startNginx, startStatic } from "./servers.ts";
import { type Load, load } from "./wrk.ts";

interface Measured extends Load {
  readonly cpuUsPerRequest: number;
}

interface Setting {
  readonly servers: readonly Server[];
  readonly connections: number;
  readonly paths: readonly string[];
  readonly threads: number;
  readonly loadCores: string;
}

/** Hot .info and .mod, one process of each server on one core. */
export async function measureHot(context: BenchContext): Promise<Finding> {
  await using stack = new AsyncDisposableStack();
  const { site } = context;
  const options = { site: site.folder, workers: 1, cores: serverCore };
  const nginx = stack.use(await startNginx({ ...options, folder: context.newFolder("nginx"), accessLog: true }));
  const silent = stack.use(await startNginx({ ...options, folder: context.newFolder("nginx"), accessLog: false }));
  const bare = stack.use(await startStatic({ ...options, folder: context.newFolder("static") }));
  await fetchAll(context.modgate.url, site.small);
  const servers = [nginx, silent, bare, context.modgate];
  return await compare(context, "Hot .info and .mod, one process on one core", {
    servers,
    threads: 1,
    loadCores: loadCore,
  });
}

/** Hot .info and .mod, two processes of each server; the load generator shares their two cores. */
export async function measureHotProcesses(context: BenchContext): Promise<Finding> {
  await using stack = new AsyncDisposableStack();
  const { site } = context;
  const folder = context.newFolder("nginx");
  const nginx = stack.use(
    await startNginx({ folder, site: site.folder, workers: 2, accessLog: true, cores: bothCores }),
  );
  const modgate = stack.use(await anotherModgate(context, { processes: 2, cores: bothCores }));
  await fetchAll(modgate.url, site.small);
  await fetchAll(modgate.url, site.small);
  const servers = [nginx, modgate];
  return await compare(context, "Hot .info and .mod, two processes, cores shared with the load", {
    servers,
    threads: 2,
    loadCores: bothCores,
  });
}

async function compare(
  context: BenchContext,
  title: string,
  setting: Pick<Setting, "servers" | "threads" | "loadCores">,
): Promise<Finding> {
  const rows: Row[] = [];
  const targets: Target[] = [];
  for (const connections of [64, 1000]) {
    const results = await run(context, { ...setting, connections, paths: context.site.small });
    for (const { name } of setting.servers)
      rows.push(rowOf(results, name, setting.servers[0]?.name ?? "", connections));
    const [base, own] = [setting.servers[0]?.name ?? "", setting.servers.at(-1)?.name ?? ""];
    const at = `at ${connections} connections`;
    targets.push(
      {
        what: `requests/s against nginx ${at}`,
        got: ratioOf(results, own, base, perSecond),
        want: 0.6,
        isAtMost: false,
      },
      { what: `p99 against nginx ${at}`, got: ratioOf(results, own, base, p99), want: 1, isAtMost: true },
    );
  }
  return { title, rows, targets };
}

async function run(context: BenchContext, setting: Setting): Promise<Rounds<Measured>> {
  const folder = await scriptFolder(context);
  const { connections, paths, threads, loadCores: cores } = setting;
  const measure = (server: Server) => async (): Promise<Measured> => {
    const before = cpuMicroseconds(server.pids());
    const seen = await load({ url: server.url, paths, connections, seconds: context.seconds, threads, cores, folder });
    if (seen.errors > 0) context.say(`${server.name}: ${seen.errors} errors at ${connections} connections`);
    return { ...seen, cpuUsPerRequest: (cpuMicroseconds(server.pids()) - before) / Math.max(1, seen.requests) };
  };
  return interleave(new Map(setting.servers.map((server) => [server.name, measure(server)])), context.rounds);
}

function rowOf(results: Rounds<Measured>, name: string, base: string, connections: number): Row {
  return {
    name: `${name} @${connections}`,
    values: {
      "req/s": medianOf(results, name, perSecond),
      "× nginx": ratioOf(results, name, base, perSecond),
      "CPU µs/req": medianOf(results, name, cpu),
      // What the ratio of requests is where nothing else runs on the cores: more CPU is fewer requests.
      "× nginx by CPU": 1 / ratioOf(results, name, base, cpu),
      "p50 ms": medianOf(results, name, ({ p50Ms }) => p50Ms),
      "p99 ms": medianOf(results, name, p99),
      "p99 × nginx": ratioOf(results, name, base, p99),
    },
  };
}

const cpu = (seen: Measured): number => seen.cpuUsPerRequest;
const perSecond = (seen: Load): number => seen.requestsPerSecond;
const p99 = (seen: Load): number => seen.p99Ms;
