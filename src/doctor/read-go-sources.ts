import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import * as z from "zod";
import { endOfGo, type GoCommand } from "../upstream/run-go.ts";
import { type EnvFile, parseEnvFile } from "./env-file.ts";
import { defaultEnvFile, userEnvFile } from "./go-paths.ts";
import { gorootOfFile, type GoSources } from "./resolve-variables.ts";

/** What go has to say for itself, apart from anybody's settings. */
export interface GoFacts {
  readonly GOROOT: string;
  readonly GOOS: string;
  readonly GOARCH: string;
  /** Such as go1.26.8. */
  readonly GOVERSION: string;
}

/** The sources of a machine, and beside them the file that go does not read where GOENV says otherwise. */
export interface ReadSources extends GoSources {
  /** The default file of `go env -w` where GOENV names another or none; null where it is read, or not there. */
  readonly unreadFile: EnvFile | null;
  /** Where `go env -w` writes; "" where there is no home. */
  readonly writtenPath: string;
}

const factsSchema = z.object({
  GOROOT: z.string(),
  GOHOSTOS: z.string(),
  GOHOSTARCH: z.string(),
  GOVERSION: z.string(),
});

/**
 * Asks the go command for what it has built in, with nothing of the user's set: it answers even where a setting keeps
 * every other command from running. GO_FAILED where it cannot be run; null where it runs and fails.
 */
export async function askGoFacts(go: GoCommand, signal: AbortSignal): Promise<GoFacts | null> {
  const { PATH = "", HOME = "", TMPDIR = "" } = go.environment;
  const environment = { PATH, HOME, TMPDIR, GOENV: "off", GO111MODULE: "off", GOTOOLCHAIN: "local" };
  const args = ["env", "-json", ...Object.keys(factsSchema.shape)];
  const { exitCode, stdout } = await endOfGo({ ...go, environment }, args, signal);
  if (exitCode !== 0) return null;
  const { GOROOT, GOHOSTOS, GOHOSTARCH, GOVERSION } = factsSchema.parse(JSON.parse(stdout));
  return { GOROOT, GOOS: GOHOSTOS, GOARCH: GOHOSTARCH, GOVERSION };
}

/** Reads the files that go reads for these settings. What cannot be read counts as not there, as with go. */
export async function readGoSources(
  go: Pick<GoCommand, "environment" | "cwd">,
  facts: Omit<GoFacts, "GOVERSION">,
  platform: NodeJS.Platform,
): Promise<ReadSources> {
  const { environment, cwd } = go;
  const builtIn = { GOROOT: facts.GOROOT, GOOS: facts.GOOS, GOARCH: facts.GOARCH };
  const path = userEnvFile(environment, platform);
  const userFile = await readEnvFile(path, cwd);
  const goroot = gorootOfFile({ environment, userFile, builtIn });
  const standard = defaultEnvFile(environment, platform);
  return {
    platform,
    environment,
    userFile,
    gorootFile: goroot === "" ? null : await readEnvFile(join(goroot, "go.env"), cwd),
    builtIn,
    workFile: await findWorkFile(cwd, environment["GOROOT"] || goroot),
    unreadFile: path === standard ? null : await readEnvFile(standard, cwd),
    // With GOENV=off go writes to the default file all the same.
    writtenPath: path === "" ? standard : path,
  };
}

async function readEnvFile(path: string, cwd: string): Promise<EnvFile | null> {
  if (path === "") return null;
  return await readFile(resolve(cwd, path), "utf8").then(
    (text) => parseEnvFile(path, text),
    () => null,
  );
}

// As findWorkspaceFile of cmd/go/internal/modload: upwards, and never out of GOROOT.
async function findWorkFile(cwd: string, goroot: string): Promise<string> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, "go.work");
    if (await isFile(path)) return path;
    const above = dirname(folder);
    if (above === folder || above === goroot) return "";
  }
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => !found.isDirectory(),
    () => false,
  );
}
