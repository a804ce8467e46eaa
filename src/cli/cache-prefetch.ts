import { infoKey, modKey, zipKey } from "../gomod/keys.ts";
import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import { askInProcess } from "../gateway/in-process.ts";
import { pinVersions } from "../store/change-pins.ts";
import { type CommandSpec, integerOption } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { counted, humanBytes } from "./human-units.ts";
import { readGoSums, type SumVersion } from "./read-go-sums.ts";

interface Failure {
  readonly path: string;
  readonly verdict: string;
  readonly message: string;
}

/** `modgate cache prefetch`: fills the cache with everything that go.sum files name. */
export const cachePrefetchCommand: CommandSpec = {
  usage: "prefetch <go.sum...>",
  summary: "Fetch everything that go.sum files name into the cache, in parallel",
  examples: ["modgate cache prefetch go.sum", "modgate cache prefetch */go.sum --pin --parallel 32"],
  details: "Works beside a running gateway over the same data folder.\nExit code 1 where a file could not be had.",
  options: [
    ["--parallel <n>", "Requests at once (default: 16)"],
    ["--pin", "Pin the versions as well"],
  ],
  takesConfig: "all",
  async run(run) {
    const { context } = run;
    const [paths] = run.args;
    const parallel = integerOption(run, "parallel", 1) ?? 16;
    const versions = await readGoSums(Array.isArray(paths) ? paths : []);
    const loaded = await context.loadConfig(run.flags);
    const files = versions.flatMap((version) => pathsOf(version, loaded.config.sumdb?.name ?? null));
    await using workshop = await context.openWorkshop(loaded);
    using progress = run.progress("files");
    const failures: Failure[] = [];
    const counts = { files: 0, fetched: 0, bytes: 0 };
    let next = 0;
    const work = async (): Promise<void> => {
      for (let path = files[next++]; path !== undefined; path = files[next++]) {
        context.signal.throwIfAborted();
        const { exchange, artifact } = await askInProcess(workshop, path, context.signal);
        counts.files++;
        if (artifact === null)
          failures.push({ path, verdict: exchange.verdict, message: exchange.problem?.message ?? "" });
        else if (exchange.cache !== "hit") counts.fetched++;
        counts.bytes += artifact?.file.size ?? 0;
        progress.update(counts.files, files.length, path);
      }
    };
    await Promise.all(Array.from({ length: Math.min(parallel, files.length) }, work));
    await workshop.idle();
    if (run.options["pin"] === true) await pinVersions(workshop.files.parts, versions, context.signal);
    return {
      data: { ...counts, failures },
      exitCode: failures.length > 0 ? exitCodes.findings : exitCodes.fine,
      text: ({ paint }) =>
        failures.map(({ path, verdict, message }) => `${paint("red", verdict)} ${path}: ${message}\n`).join("") +
        `${counted(counts.files, "file")} of ${counted(versions.length, "version")}, ${counts.fetched} fetched, ${humanBytes(counts.bytes)}, ${failures.length} failed\n`,
    };
  },
};

function pathsOf({ module, version, hasZip }: SumVersion, sumdb: string | null): string[] {
  const escapedModule = escapeModulePath(module);
  const escapedVersion = escapeVersion(version);
  const keys = [modKey(escapedModule, escapedVersion)];
  if (hasZip) keys.push(infoKey(escapedModule, escapedVersion), zipKey(escapedModule, escapedVersion));
  if (sumdb !== null) keys.push(`sumdb/${sumdb}/lookup/${escapedModule}@${escapedVersion}`);
  return keys.map((key) => `/${key}`);
}
