import { type BenchContext, anotherModgate, fetchAll } from "./bench-context.ts";
import type { Server } from "./launch.ts";
import { residentMiB } from "./process-stats.ts";
import type { Finding, Row } from "./report.ts";

interface Stretch {
  readonly highest: number;
  readonly firstHalf: number;
  readonly secondHalf: number;
}

/** Memory after the other measurements, and while 1 GiB of zips goes through: from the upstream, then from the cache. */
export async function measureMemory(context: BenchContext): Promise<Finding> {
  const after = residentMiB(context.modgate.pids());
  await using streaming = await anotherModgate(context);
  const idle = residentMiB(streaming.pids()).now;
  const cold = await whileStreaming(context, streaming);
  const warm = await whileStreaming(context, streaming);
  const row = (name: string, seen: Stretch): Row => ({
    name,
    values: { "highest MiB": seen.highest, "first half": seen.firstHalf, "second half": seen.secondHalf },
  });
  return {
    title: "Resident memory, one process",
    rows: [
      { name: "modgate after all measurements before", values: { "highest MiB": after.peak, "now MiB": after.now } },
      { name: "a new modgate, idle", values: { "now MiB": idle } },
      row("1 GiB of zips, from the upstream", cold),
      row("1 GiB of zips, from the cache", warm),
    ],
    targets: [
      { what: "resident after the measurements, MiB", got: after.now, want: 200, isAtMost: true },
      {
        what: "highest while 1 GiB streams, MiB",
        got: Math.max(cold.highest, warm.highest),
        want: 200,
        isAtMost: true,
      },
      {
        what: "growth in the second half of a cold GiB",
        got: cold.secondHalf / cold.firstHalf,
        want: 1.1,
        isAtMost: true,
      },
    ],
  };
}

async function whileStreaming(context: BenchContext, server: Server): Promise<Stretch> {
  const seen: number[] = [];
  const timer = setInterval(() => seen.push(residentMiB(server.pids()).now), 50);
  await fetchAll(server.url, context.site.streamed, 4);
  clearInterval(timer);
  seen.push(residentMiB(server.pids()).now);
  const half = Math.ceil(seen.length / 2);
  return {
    highest: Math.max(...seen),
    firstHalf: Math.max(...seen.slice(0, half)),
    secondHalf: Math.max(...seen.slice(half)),
  };
}
