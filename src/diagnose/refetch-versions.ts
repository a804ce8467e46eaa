import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labelOf, type ModuleVersion } from "./cached-version.ts";
import type { GoCommand } from "../upstream/run-go.ts";
import { type KnownHashes, wantOf } from "./known-hashes.ts";

/** A version to fetch anew. */
export interface Refetch extends ModuleVersion {
  readonly known: KnownHashes;
  /** False where the cache never had more than its .info and .mod. */
  readonly wantsCode: boolean;
}

/**
 * Fetches versions with the real `go`, as its environment says, outside of any module, so that no go.sum of the user's
 * is written to. What is known of them stands in a go.sum of its own: `go` itself refuses what is not the same. Gives
 * what go said; whether all came is for the caller to see.
 */
export async function refetchVersions(
  go: GoCommand,
  versions: readonly Refetch[],
  signal: AbortSignal,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "modgate-refetch-"));
  try {
    await writeFile(join(folder, "go.mod"), "module modgate.refetch\n\ngo 1.21\n");
    await writeFile(join(folder, "go.sum"), versions.map(goSumLines).join(""));
    const environment = { ...go.environment, GOWORK: "off", GO111MODULE: "on", GOFLAGS: plainFlags(go.environment) };
    const said: string[] = [];
    for (const [args, wantsCode] of [
      [["mod", "download", "-json"], true],
      [["list", "-m", "-mod=mod", "-json"], false],
    ] as const) {
      const names = versions.filter((version) => version.wantsCode === wantsCode).map(labelOf);
      if (names.length === 0) continue;
      const run = { command: go.binary, args: [...args, ...names], cwd: folder, environment };
      const { stdout, stderr } = await go.run(run, signal);
      said.push(...errorsIn(stdout), stderr);
    }
    return said.join("\n").trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function goSumLines(refetch: Refetch): string {
  const { module, version, known } = refetch;
  const zip = wantOf(known, "zip");
  const mod = wantOf(known, "mod");
  return `${zip ? `${module} ${version} ${zip.h1}\n` : ""}${mod ? `${module} ${version}/go.mod ${mod.h1}\n` : ""}`;
}

/** The user's flags without those that name another main module or forbid to change it. */
function plainFlags({ GOFLAGS = "" }: GoCommand["environment"]): string {
  return GOFLAGS.split(/\s+/)
    .filter((flag) => !/^--?(?:mod|modfile|C)(?:=|$)/.test(flag))
    .join(" ");
}

/** The errors in the row of JSON objects that `go mod download -json` prints. */
function errorsIn(stdout: string): string[] {
  return [...stdout.matchAll(/^\t"Error": (".*"),?$/gm)].map((match) => String(JSON.parse(match[1] ?? '""')));
}
