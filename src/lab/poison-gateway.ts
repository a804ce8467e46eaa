import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cachedFiles } from "./cached-module.ts";
import { type LabGateway, startLabGateway } from "./lab-gateway.ts";
import type { LabStep } from "./lab-story.ts";
import type { PoisonBench } from "./poison-bench.ts";
import { poisonSubject, publishedModule } from "./poison-scene.ts";

/** The same downloads through a gateway: with the proxy of other bytes alone, and with an honest one behind it. */
export async function stopAtGateway(bench: PoisonBench): Promise<LabStep[]> {
  const alone = await through(bench, [bench.otherProxy], async (gateway) => {
    const off = { workplace: bench.workplace(), settings: { GOPROXY: gateway.url, GOSUMDB: "off" } };
    const secret = {
      workplace: bench.workplace(),
      settings: { GOPROXY: gateway.url, GOSUMDB: bench.sumdb, GOPRIVATE: "*", GONOPROXY: "none" },
    };
    const runs = [
      await bench.run({ ...off, project: await bench.project(), args: get }),
      await bench.run({ ...secret, project: await bench.project(), args: get }),
    ];
    const kept = [off, secret].map(({ workplace }) => cachedFiles(publishedModule, workplace.modCache));
    const zips = (await Promise.all(kept)).flat().filter((name) => name.includes(".zip"));
    const quarantined = await gateway.quarantined();
    return {
      runs,
      facts: [
        { name: "zips in both caches", value: zips.length === 0 ? "none" : zips.join(", ") },
        { name: "kept in quarantine", value: String(quarantined.length) },
        ...(await bench.cached(off.workplace)),
      ],
    };
  });
  const both = await through(bench, [bench.otherProxy, bench.honestProxy], async (gateway) => {
    const workplace = bench.workplace();
    const project = await bench.project();
    const at = { workplace, project, settings: { GOPROXY: gateway.url, GOSUMDB: "off" } };
    const runs = [await bench.run({ ...at, args: get }), await bench.run({ ...at, args: ["run", "."] })];
    return { runs, facts: await bench.cached(workplace) };
  });
  return [
    {
      id: "gateway",
      title: "The same with modgate in between",
      shows:
        "The gateway hashes what the proxy sends and asks the database itself, whatever the client's settings are. go prints both hashes, nothing lands in the module cache, and the gateway keeps the bytes with the evidence in quarantine. It cannot help where GOPRIVATE=* stands without GONOPROXY=none, because then go never asks it.",
      ...alone,
    },
    {
      id: "gateway-second-upstream",
      title: "modgate with an honest proxy as its second upstream",
      shows:
        "The bytes that do not match go to quarantine, the next upstream is asked, and the build gets what was published.",
      ...both,
    },
  ];
}

type StepEnd = Pick<LabStep, "runs" | "facts">;

// Runs a step with a gateway over these upstreams, and puts the command that started it first.
async function through(
  bench: PoisonBench,
  upstreams: readonly string[],
  use: (gateway: LabGateway) => Promise<StepEnd>,
): Promise<StepEnd> {
  const folder = join(bench.folder, `gateway-${upstreams.length}`);
  await mkdir(folder);
  const { machine, modgate } = bench.options;
  const upstream = upstreams.join(",");
  await using gateway = await startLabGateway({ machine, modgate, folder, upstream, sumdb: bench.sumdb });
  bench.hide("gateway", gateway.url);
  const { runs, facts } = await use(gateway);
  const started = { exitCode: null, stdout: `export GOPROXY=${gateway.url}`, stderr: "" };
  return {
    runs: [bench.recorded(`modgate serve --upstream ${upstream} --sumdb '${bench.sumdb}' &`, started), ...runs],
    facts,
  };
}

const get = ["get", poisonSubject];
