import { spawn } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { tempDir } from "./temp-dir.ts";

/** How a `go` command ended. */
export interface GoResult {
  /** Null where the deadline killed it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

export interface GoRunOptions {
  readonly cwd?: string;
  /** Added to the environment of this run; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly deadlineMs?: number;
}

/** Files of a main module. */
export interface GoProject {
  readonly goMod: string;
  readonly goSum?: string;
  readonly files?: Readonly<Record<string, string>>;
}

/** The real `go` with nothing of the user's: own HOME, GOPATH, GOMODCACHE and configuration. */
export interface GoCommand extends AsyncDisposable {
  readonly modCache: string;
  /** Runs `go` with these arguments; outside a module unless `cwd` says otherwise. */
  run(args: readonly string[], options?: GoRunOptions): Promise<GoResult>;
  /** Runs another program, such as one that `go install` made, in the same environment. */
  exec(program: string, args: readonly string[], options?: GoRunOptions): Promise<GoResult>;
  /** Writes a main module into a new folder and gives its path. */
  project(project: GoProject): Promise<string>;
  /** Starts over with an empty module cache (GOPATH too: it remembers the checksum database's tree head). */
  coldCache(): Promise<void>;
}

/** A GOCACHE that every run shares: compiled packages are the same whatever proxy they came through. */
export const sharedBuildCache = join(import.meta.dirname, "../../node_modules/.cache/modgate-test/go-build");

/** Makes an isolated environment; `env` applies to all runs. Removed with its caches at the end of `await using`. */
export async function goCommand(env: Readonly<Record<string, string>> = {}): Promise<GoCommand> {
  const folder = await tempDir("go");
  await mkdir(sharedBuildCache, { recursive: true });
  const outside = join(folder.path, "outside");
  const home = join(folder.path, "home");
  await mkdir(outside);
  await mkdir(home);
  let goPath = await mkdtemp(join(folder.path, "gopath-"));
  const exec: GoCommand["exec"] = (program, args, options = {}) =>
    runProgram(program, args, {
      cwd: options.cwd ?? outside,
      deadlineMs: options.deadlineMs ?? 120_000,
      env: {
        PATH: process.env["PATH"],
        TMPDIR: folder.path,
        HOME: home,
        GOPATH: goPath,
        GOMODCACHE: join(goPath, "pkg/mod"),
        GOCACHE: sharedBuildCache,
        GOENV: "off",
        GOFLAGS: "-modcacherw",
        GOTOOLCHAIN: "local",
        GOSUMDB: "off",
        GOTELEMETRY: "off",
        ...env,
        ...options.env,
      },
    });
  return {
    exec,
    get modCache() {
      return join(goPath, "pkg/mod");
    },
    run: (args, options) => exec("go", args, options),
    async project({ goMod, goSum, files = {} }) {
      const path = await mkdtemp(join(folder.path, "project-"));
      const all = { "go.mod": goMod, ...(goSum ? { "go.sum": goSum } : {}), ...files };
      for (const [name, content] of Object.entries(all)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), content);
      }
      return path;
    },
    async coldCache() {
      goPath = await mkdtemp(join(folder.path, "gopath-"));
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

function runProgram(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: Record<string, string | undefined>; deadlineMs: number },
): Promise<GoResult> {
  const startedAt = performance.now();
  // A process group of its own, so that the deadline also ends the compilers that go starts.
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, options.deadlineMs);
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => {
      clearTimeout(timer);
      reject(new Error(`Cannot run ${program}: is it installed and in PATH?`, { cause }));
    });
    child.on("close", (exitCode) => {
      clearTimeout(timer);
      const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString();
      resolve({ exitCode, stdout: text(stdout), stderr: text(stderr), tookMs: performance.now() - startedAt });
    });
  });
}
