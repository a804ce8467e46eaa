import { isCanonicalVersion } from "../gomod/version.ts";
import type { Clock } from "../kernel/clock.ts";
import type { UpstreamAsk } from "../ports/upstream.ts";
import { failed, type Answer } from "./answer.ts";
import { bytesAnswer } from "./bytes-answer.ts";
import { directEnvironment, directFolders, type DirectFolders } from "./direct-environment.ts";
import {
  prepareFolders,
  removeLeftovers,
  removeUnpacked,
  removeVersion,
  versionFile,
  type DirectDisk,
} from "./direct-files.ts";
import { failure, type Failure } from "./failure.ts";
import { goFailure } from "./go-failure.ts";
import { parseGoJson, type GoModule } from "./go-json.ts";
import type { RunProcess } from "./process-group.ts";
import { fileFailure, readFileAnswer } from "./read-file.ts";
import { SharedRuns } from "../kernel/shared-runs.ts";
import { TimeUp } from "./time-up.ts";
import { Turns } from "../kernel/turns.ts";

/** Modules from version control, by the `go` command. */
export interface Direct {
  /** Answers list, latest, info, mod and zip of a module. Rejects with the signal's reason only. */
  answer(ask: UpstreamAsk & { readonly module: string }, signal: AbortSignal): Promise<Answer>;
  /** Ends all `go` processes. */
  close(): Promise<void>;
}

export interface DirectParts {
  /** Absolute path of a folder of its own; its parent is there. */
  readonly folder: string;
  readonly goBinary: string;
  /** The operator's variables, PATH and credentials among them. */
  readonly environment: Readonly<Record<string, string>>;
  /** `go` processes at once; more wait, at most `timeoutMs`. */
  readonly concurrency: number;
  /** For one `go` process; its whole process group ends with it. */
  readonly timeoutMs: number;
  readonly run: RunProcess;
  readonly disk: DirectDisk;
  readonly clock: Clock;
}

type Run =
  | { readonly kind: "module"; readonly module: GoModule }
  | { readonly kind: "failed"; readonly failure: Failure };

// info, mod and zip of one version come one after the other: they share what the first one found.
const keepMs = 60_000;

/** Makes the runner; the folders are made, and leftovers removed, when it is first asked. */
export function createDirect(parts: DirectParts): Direct {
  return new GoDirect(parts);
}

class GoDirect implements Direct {
  readonly #parts: DirectParts;
  readonly #folders: DirectFolders;
  readonly #environment: Record<string, string>;
  readonly #turns: Turns;
  readonly #runs = new SharedRuns<Run>();
  /** Versions whose files are here and young: key is MODULE@VERSION. */
  readonly #kept = new Map<string, { zip: boolean; forget: () => void }>();
  readonly #closing = new AbortController();
  #prepared: Promise<void> | null = null;

  constructor(parts: DirectParts) {
    this.#parts = parts;
    this.#folders = directFolders(parts.folder);
    this.#environment = directEnvironment(parts.environment, this.#folders);
    this.#turns = new Turns(parts.concurrency);
  }

  async answer(ask: UpstreamAsk & { readonly module: string }, signal: AbortSignal): Promise<Answer> {
    try {
      await (this.#prepared ??= this.#prepare());
      return await this.#answer(ask, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TimeUp) return failed(failure("unreachable", error.message, { timedOut: true }));
      if (this.#closing.signal.aborted) return failed(failure("unreachable", "the gateway is closing"));
      return failed(fileFailure(error));
    }
  }

  close(): Promise<void> {
    this.#closing.abort(new Error("closing"));
    this.#runs.abortAll(new Error("closing"));
    for (const kept of this.#kept.values()) kept.forget();
    return Promise.resolve();
  }

  async #answer(ask: UpstreamAsk & { readonly module: string }, signal: AbortSignal): Promise<Answer> {
    const { module, endpoint } = ask;
    const version = ask.version ?? "latest";
    if (endpoint === "list") {
      const run = await this.#go(
        ["list", "-m", "-json", "-versions", "-retracted", module],
        { module, version: null },
        signal,
      );
      if (run.kind === "failed") return failed(run.failure);
      return bytesAnswer(run.module.versions.map((line) => `${line}\n`).join(""), "text/plain; charset=utf-8");
    }
    if (endpoint === "latest" || (endpoint === "info" && !isCanonicalVersion(version))) {
      const run = await this.#go(["list", "-m", "-json", `${module}@${version}`], { module, version }, signal);
      if (run.kind === "failed") return failed(run.failure);
      this.#keep({ module, version: run.module.version }, false);
      return bytesAnswer(run.module.info, "application/json");
    }
    return this.#file({ module, version }, endpoint === "zip" ? "zip" : endpoint === "mod" ? "mod" : "info", signal);
  }

  /** The exact bytes that go wrote. */
  async #file(
    subject: { module: string; version: string },
    kind: "info" | "mod" | "zip",
    signal: AbortSignal,
  ): Promise<Answer> {
    const path = versionFile(this.#folders, subject, kind);
    const kept = this.#kept.get(keyOf(subject));
    if (kept && (kind !== "zip" || kept.zip)) {
      const answer = await readFileAnswer(this.#parts.disk, path);
      if (answer) return answer;
    }
    const command = kind === "zip" ? ["mod", "download", "-json"] : ["list", "-m", "-json"];
    const run = await this.#go([...command, keyOf(subject)], subject, signal);
    if (run.kind === "failed") return failed(run.failure);
    if (run.module.version !== subject.version) {
      return failed(failure("absent", `version control has it as ${run.module.version}`));
    }
    this.#keep(subject, kind === "zip");
    if (kind === "zip") await removeUnpacked(this.#parts.disk, this.#folders, subject);
    const answer = await readFileAnswer(this.#parts.disk, path);
    return answer ?? failed(failure("unreachable", `go wrote no .${kind} file`, { mayRetry: true }));
  }

  #go(args: readonly string[], subject: { module: string; version: string | null }, signal: AbortSignal): Promise<Run> {
    return this.#runs.join(args.join(" "), signal, async (signal) => {
      const endTurn = await this.#limited("no turn to run go", signal, (signal) => this.#turns.take(signal));
      try {
        return await this.#limited("no end of go", signal, (signal) => this.#run(args, subject, signal));
      } finally {
        endTurn();
      }
    });
  }

  async #run(
    args: readonly string[],
    subject: { module: string; version: string | null },
    signal: AbortSignal,
  ): Promise<Run> {
    const { goBinary, run } = this.#parts;
    const request = { command: goBinary, args, cwd: this.#folders.work, environment: this.#environment };
    const end = await run(request, signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
      return failure(
        "unreachable",
        `cannot run "${goBinary}": ${error instanceof Error ? error.message : String(error)}`,
        {
          hint: "install go on the gateway's machine, or name it under direct:",
        },
      );
    });
    if ("kind" in end) return { kind: "failed", failure: end };
    const module = parseGoJson(end.stdout);
    if (end.exitCode === 0 && module && module.error === null) return { kind: "module", module };
    return { kind: "failed", failure: goFailure(module?.error ?? end.stderr, subject) };
  }

  async #limited<T>(what: string, signal: AbortSignal, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#parts;
    const limit = new AbortController();
    const stopTimer = clock.after(timeoutMs, () => limit.abort(new TimeUp(what, timeoutMs)));
    try {
      return await act(AbortSignal.any([signal, limit.signal]));
    } finally {
      stopTimer();
    }
  }

  #keep(subject: { module: string; version: string }, hasZip: boolean): void {
    const key = keyOf(subject);
    const before = this.#kept.get(key);
    before?.forget();
    const remove = (): void => {
      this.#kept.delete(key);
      // What stays behind is removed as a leftover later.
      removeVersion(this.#parts.disk, this.#folders, subject).catch(() => {});
    };
    const forget = this.#parts.clock.after(keepMs, remove);
    this.#kept.set(key, { zip: hasZip || (before?.zip ?? false), forget });
  }

  async #prepare(): Promise<void> {
    const { clock, disk } = this.#parts;
    try {
      await prepareFolders(disk, this.#folders);
      await removeLeftovers(disk, this.#folders, clock.now());
    } catch (error) {
      this.#prepared = null;
      throw error;
    }
  }
}

function keyOf(subject: { module: string; version: string }): string {
  return `${subject.module}@${subject.version}`;
}
