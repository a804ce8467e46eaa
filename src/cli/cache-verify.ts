import { askInProcess } from "../gateway/in-process.ts";
import type { VerifyFinding } from "../gateway/cache-verifier.ts";
import { versionFilePath } from "../gomod/keys.ts";
import { listVersions } from "../store/cache-listing.ts";
import { type CommandSpec, integerOption } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { counted, humanBytes } from "./human-units.ts";

interface Reported extends VerifyFinding {
  /** `ok`, or why it could not be fetched anew; null where that was not tried. */
  readonly refetched: string | null;
}

/** `modgate cache verify`: re-hashes the cache, takes out what has changed and fetches it anew. */
export const cacheVerifyCommand: CommandSpec = {
  usage: "verify [pattern]",
  summary: "Hash the cache anew, quarantine what has changed on disk, and fetch it again",
  examples: [
    "modgate cache verify",
    "modgate cache verify 'github.com/corp/*' --no-refetch",
    "modgate cache verify --json | jq .findings",
  ],
  details:
    "Every go.mod and zip is hashed and compared with the checksum database, or with\n" +
    "what was first seen here where no database knows it. Works beside a running\n" +
    "gateway. The pattern is one as in GOPRIVATE.\n" +
    "Exit code 4 where a file had changed.",
  options: [
    ["--parallel <n>", "Versions at once (default: 4)"],
    ["--no-refetch", "Fetch nothing anew"],
  ],
  takesConfig: "all",
  async run(run) {
    const { context } = run;
    const { signal } = context;
    const [pattern] = run.args;
    const parallel = integerOption(run, "parallel", 1) ?? 4;
    await using workshop = await context.openWorkshop(await context.loadConfig(run.flags));
    const wish = { pattern: typeof pattern === "string" ? pattern : null, sort: "name", limit: Infinity } as const;
    const versions = await listVersions(workshop.files, wish, { signal });
    using progress = run.progress("versions");
    const findings: Reported[] = [];
    const counts = { versions: 0, bytes: 0 };
    let next = 0;
    const work = async (): Promise<void> => {
      for (let version = versions[next++]; version !== undefined; version = versions[next++]) {
        const { bytes, findings: found } = await workshop.verifier.verify(version, signal);
        counts.versions++;
        counts.bytes += bytes;
        for (const finding of found) {
          const mayRefetch = finding.kind === "changed" && run.options["refetch"] !== false;
          const path = mayRefetch ? versionFilePath(finding.module, finding.version, finding.file) : null;
          findings.push({ ...finding, refetched: path === null ? null : await refetch(workshop, path, signal) });
        }
        progress.update(counts.versions, versions.length, `${version.module}@${version.version}`);
      }
    };
    await Promise.all(Array.from({ length: Math.min(parallel, versions.length) }, work));
    await workshop.idle();
    findings.sort((left, right) => nameOf(left).localeCompare(nameOf(right), "en"));
    const changed = findings.filter(({ kind }) => kind === "changed").length;
    return {
      data: { ...counts, findings },
      exitCode: changed > 0 ? exitCodes.integrity : findings.length > 0 ? exitCodes.findings : exitCodes.fine,
      text: ({ paint }) =>
        findings.map((one) => `${paint("red", one.kind)} ${nameOf(one)}: ${one.reason}\n${whatBecame(one)}`).join("") +
        `${counted(counts.versions, "version")} verified, ${humanBytes(counts.bytes)}; ${counted(changed, "file")} changed, ${findings.length - changed} not proved\n`,
    };
  },
};

async function refetch(
  workshop: Parameters<typeof askInProcess>[0],
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const { problem } = await askInProcess(workshop, path, signal);
  return problem === null ? "ok" : problem.message;
}

function nameOf({ module, version, file }: VerifyFinding): string {
  return `${module}@${version} (.${file})`;
}

function whatBecame({ kind, quarantined, refetched }: Reported): string {
  if (kind !== "changed") return "";
  const again = refetched === null ? "" : refetched === "ok" ? "; fetched anew" : `; not fetched anew: ${refetched}`;
  return `  taken out, kept as quarantine/${quarantined ?? ""}${again}\n`;
}
