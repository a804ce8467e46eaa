import { type BenchContext, fetchAll, loadCore, scriptFolder, serverCore } from "./bench-context.ts";
import type { Server } from "./launch.ts";
import { cpuMicroseconds } from "./process-stats.ts";
import type { Finding, Row, Target } from "./report.ts";
import { interleave, medianOf, ratioOf } from "./rounds.ts";
import { startNginx, startStatic } from "./servers.ts";
import { load } from "./wrk.ts";

interface Measured {
  readonly megabytesPerSecond: number;
  readonly cpuUsPerMegabyte: number;
}

/** Hot zips of 1 MiB and 16 MiB on 8 connections, one process of each server on one core. */
export async function measureZip(context: BenchContext): Promise<Finding> {
  await using stack = new AsyncDisposableStack();
  const { site } = context;
  const options = { site: site.folder, cores: serverCore };
  const nginx = stack.use(
    await startNginx({ ...options, folder: context.newFolder("nginx"), workers: 1, accessLog: true }),
  );
  const bare = stack.use(await startStatic({ ...options, folder: context.newFolder("static") }));
  const servers = [nginx, bare, context.modgate];
  const rows: Row[] = [];
  const targets: Target[] = [];
  for (const size of ["1", "16"] as const) {
    await fetchAll(context.modgate.url, site.zips[size], 4);
    const folder = await scriptFolder(context);
    const measure = (server: Server) => async (): Promise<Measured> => {
      const before = cpuMicroseconds(server.pids());
      const { url } = server;
      const asked = {
        url,
        paths: site.zips[size],
        connections: 8,
        seconds: context.seconds,
        threads: 1,
        cores: loadCore,
      };
      const { megabytesPerSecond, requests } = await load({ ...asked, folder });
      const megabytes = Math.max(1, requests) * Number(size) * 1.048576;
      return { megabytesPerSecond, cpuUsPerMegabyte: (cpuMicroseconds(server.pids()) - before) / megabytes };
    };
    const results = await interleave(new Map(servers.map((server) => [server.name, measure(server)])), context.rounds);
    const perSecond = (seen: Measured): number => seen.megabytesPerSecond;
    for (const { name } of servers) {
      rows.push({
        name: `${name}, ${size} MiB`,
        values: {
          "MB/s": medianOf(results, name, perSecond),
          "× nginx": ratioOf(results, name, nginx.name, perSecond),
          "CPU µs/MB": medianOf(results, name, ({ cpuUsPerMegabyte }) => cpuUsPerMegabyte),
        },
      });
    }
    const got = ratioOf(results, context.modgate.name, nginx.name, perSecond);
    targets.push({ what: `MB/s against nginx, zips of ${size} MiB`, got, want: 0.6, isAtMost: false });
  }
  return { title: "Hot zips, 8 connections, one process on one core", rows, targets };
}
