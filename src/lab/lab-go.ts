import { join } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import { type ProcessEnd, processGroups } from "../upstream/process-group.ts";

/** What the lab needs of the machine it runs on. */
export interface LabMachine {
  readonly clock: Clock;
  /** Ends every run of the lab. */
  readonly signal: AbortSignal;
  /** Where programs are looked for: the value of PATH. */
  readonly path: string;
}

/** Which `go` runs, and where it keeps what it has compiled. */
export interface LabGoOptions {
  /** A path, or a name to look for in PATH. */
  readonly command: string;
  /** GOCACHE; compiled packages are the same whatever proxy they came through. */
  readonly buildCache: string;
  /** A folder for HOME and temporary files. */
  readonly home: string;
}

/** One run of go. */
export interface GoRun {
  readonly args: readonly string[];
  readonly cwd: string;
  /** GOPATH; the module cache is `pkg/mod` below it. */
  readonly goPath: string;
  /** Settings of go, laid over those that keep it apart from the user's. */
  readonly environment: Readonly<Record<string, string>>;
  /** The command line of a program that runs in its place, in the same environment; go where left out. */
  readonly program?: readonly string[];
}

const deadlineMs = 120_000;

/**
 * The real `go` with nothing of the user's: own HOME, GOPATH, module cache and build cache, no configuration file, no
 * version control, no other toolchain.
 */
export class LabGo {
  readonly #machine: LabMachine;
  readonly #options: LabGoOptions;

  constructor(machine: LabMachine, options: LabGoOptions) {
    this.#machine = machine;
    this.#options = options;
  }

  /** Runs it to its end, two minutes at most. USAGE where there is no such command. */
  async run({ args, cwd, goPath, environment, program }: GoRun): Promise<ProcessEnd> {
    const { clock, signal, path } = this.#machine;
    const { buildCache, home } = this.#options;
    const [command = "", ...words] = program ?? [this.#options.command];
    const late = new AbortController();
    const stop = clock.after(deadlineMs, () =>
      late.abort(new Error(`go ${args.join(" ")} did not end within ${deadlineMs / 1000} s`)),
    );
    const isolated = {
      PATH: path,
      HOME: home,
      TMPDIR: home,
      LC_ALL: "C",
      GOPATH: goPath,
      GOMODCACHE: join(goPath, "pkg/mod"),
      GOCACHE: buildCache,
      GOENV: "off",
      // So that the throw-away folder can be removed.
      GOFLAGS: "-modcacherw",
      GOTOOLCHAIN: "local",
      GOTELEMETRY: "off",
      GO111MODULE: "on",
      GOWORK: "off",
      GOVCS: "*:off",
      GOPROXY: "off",
      GOSUMDB: "off",
    };
    try {
      const request = { command, args: [...words, ...args], cwd, environment: { ...isolated, ...environment } };
      return await processGroups(clock)(request, AbortSignal.any([signal, late.signal]));
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "EACCES")) {
        throw new Problem("USAGE", `Cannot run ${JSON.stringify(command)}: there is no such program`, {
          cause,
          hint: "install go, or name it with --go PATH",
        });
      }
      throw cause;
    } finally {
      stop();
    }
  }

  /** What `go env GOVERSION` says, such as go1.26.8. USAGE where the command is no go. */
  async version(cwd: string): Promise<string> {
    const { stdout, exitCode } = await this.run({ args: ["env", "GOVERSION"], cwd, goPath: cwd, environment: {} });
    const version = stdout.trim();
    if (exitCode === 0 && /^\S*go\S+( \S+)*$/.test(version)) return version;
    throw new Problem("USAGE", `Cannot run ${JSON.stringify(this.#options.command)} as go: it tells no version`, {
      hint: "name another one with --go PATH",
    });
  }
}
