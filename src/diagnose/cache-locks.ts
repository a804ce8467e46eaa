import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { Problem } from "../kernel/problem.ts";
import { type GoCommand, runGo } from "../upstream/run-go.ts";
import { lockProgram } from "./lock-program.ts";

/**
 * The locks of a module cache, as cmd/go takes them: while one is held, no go command downloads or unpacks that
 * version. Node has no such lock, and go is there anyway, so a small Go program holds them: it is built when it is
 * started, and lets go of everything when this process ends, however it ends.
 */
export class CacheLocks implements AsyncDisposable {
  readonly #folder: string;
  readonly #program: ChildProcessWithoutNullStreams;
  readonly #answers: Interface;
  // One question at a time: the program waits for a lock before it reads on.
  #last: Promise<unknown> = Promise.resolve();
  #hasEnded = false;

  private constructor(folder: string, program: ChildProcessWithoutNullStreams) {
    this.#folder = folder;
    this.#program = program;
    this.#answers = createInterface({ input: program.stdout });
    this.#answers.once("close", () => {
      this.#hasEnded = true;
    });
    // Told by the answer that does not come.
    program.stdin.on("error", () => {});
    program.on("error", () => {});
  }

  /** Builds and starts the program. GO_FAILED where that fails. */
  static async start(go: GoCommand, signal: AbortSignal): Promise<CacheLocks> {
    const folder = await mkdtemp(join(tmpdir(), "modgate-lock-"));
    try {
      for (const [name, text] of Object.entries(lockProgram)) await writeFile(join(folder, name), text);
      const binary = join(folder, "lock.exe");
      // What go is told elsewhere, such as -mod=vendor, is not meant for this program.
      const plain = { GOFLAGS: "", GOWORK: "off", GO111MODULE: "on", GOTOOLCHAIN: "local", CGO_ENABLED: "0" };
      const environment = { ...go.environment, ...plain };
      await runGo({ ...go, cwd: folder, environment }, ["build", "-o", binary, "."], signal);
      // In a process group of its own, so that the terminal's Ctrl-C leaves the locks until this process lets go.
      return new CacheLocks(folder, spawn(binary, { cwd: folder, env: {}, detached: true, stdio: "pipe" }));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * Waits until the lock is held; leaving `await using` lets go of it. GO_FAILED where it cannot be taken. An aborted
   * signal lets go of all locks and rejects with its reason.
   */
  async lock(path: string, signal: AbortSignal): Promise<AsyncDisposable> {
    await mkdir(dirname(path), { recursive: true });
    await this.#ask("lock", path, signal);
    // A program that has ended holds nothing.
    return { [Symbol.asyncDispose]: () => this.#ask("unlock", path, null).catch(() => {}) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#program.stdin.destroy();
    this.#program.kill("SIGKILL");
    this.#answers.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #ask(word: "lock" | "unlock", path: string, signal: AbortSignal | null): Promise<void> {
    const asked = this.#last.then(() => this.#exchange(`${word} ${JSON.stringify(path)}\n`, signal));
    this.#last = asked.catch(() => {});
    return asked;
  }

  #exchange(line: string, signal: AbortSignal | null): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (reason: string): Problem =>
        new Problem("GO_FAILED", `Cannot ${line.trim()} in the module cache: ${reason}`);
      const settle = (error: unknown): void => {
        this.#answers.off("line", onLine);
        this.#answers.off("close", onClose);
        signal?.removeEventListener("abort", onAbort);
        if (error === null) resolve();
        else reject(error);
      };
      const onLine = (answer: string): void => settle(answer === "ok" ? null : failed(answer.slice("no ".length)));
      const onClose = (): void => settle(failed("the program that holds the locks has ended"));
      // It waits for the lock, and would hear of nothing else.
      const onAbort = (): void => {
        this.#program.kill("SIGKILL");
        settle(signal?.reason);
      };
      if (signal?.aborted) return reject(signal.reason);
      if (this.#hasEnded) return onClose();
      this.#answers.once("line", onLine);
      this.#answers.once("close", onClose);
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#program.stdin.write(line);
    });
  }
}
