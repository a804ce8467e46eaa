import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tempDir, type TempDir } from "./temp-dir.ts";

const root = join(import.meta.dirname, "../..");

export interface ModgateOptions {
  /** Value of --upstream: a GOPROXY list. Left out: no flag. */
  readonly upstream?: string;
  /** Value of --sumdb; off where left out. */
  readonly sumdb?: string;
  /** Further flags. */
  readonly args?: readonly string[];
  /** Written as modgate.yaml and passed with --config. */
  readonly config?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  /** Data folder, for a second start over the same data; a new one where left out. */
  readonly data?: string;
  /** How long the start may take. */
  readonly deadlineMs?: number;
}

/** A line of the log. */
export type LogLine = Readonly<Record<string, unknown>>;

interface Output {
  stdout: string;
  stderr: string;
  readonly log: LogLine[];
  /** The start of a line whose end has not come yet. */
  unread: string;
}

/** A real `bin/modgate serve` on a free port of loopback, ended with `await using`. */
export class ModgateProcess implements AsyncDisposable {
  readonly url: string;
  readonly data: string;
  readonly pid: number;
  /** The file that `config` was written to, whether there was one or not. */
  readonly configFile: string;
  #child: ChildProcess;
  #folder: TempDir;
  #output: Output;
  #exited: Promise<number | null>;

  private constructor(started: {
    child: ChildProcess;
    url: string;
    data: string;
    folder: TempDir;
    output: Output;
    exited: Promise<number | null>;
  }) {
    this.#child = started.child;
    this.#folder = started.folder;
    this.#output = started.output;
    this.#exited = started.exited;
    this.url = started.url;
    this.data = started.data;
    this.configFile = join(started.folder.path, "modgate.yaml");
    this.pid = started.child.pid ?? -1;
  }

  /** Starts it and waits for the line `export GOPROXY=…` on standard output; throws with its output otherwise. */
  static async start(options: ModgateOptions = {}): Promise<ModgateProcess> {
    const folder = await tempDir("serve");
    const home = join(folder.path, "home");
    const data = options.data ?? join(folder.path, "data");
    await mkdir(home);
    const args = ["serve", "--listen", "127.0.0.1:0", "--data", data, "--sumdb", options.sumdb ?? "off"];
    if (options.upstream !== undefined) args.push("--upstream", options.upstream);
    if (options.config !== undefined) {
      const file = join(folder.path, "modgate.yaml");
      await writeFile(file, JSON.stringify(options.config, null, 2));
      args.push("--config", file);
    }
    const child = spawn(join(root, "bin/modgate"), [...args, ...(options.args ?? [])], {
      cwd: home,
      env: {
        PATH: process.env["PATH"],
        HOME: home,
        TMPDIR: folder.path,
        GOENV: "off",
        GOTOOLCHAIN: "local",
        ...options.env,
      },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output: Output = { stdout: "", stderr: "", log: [], unread: "" };
    const exited = new Promise<number | null>((resolve) => void child.on("exit", (code) => resolve(code)));
    const printed = Promise.withResolvers<string>();
    child.stderr.on("data", (chunk: Buffer) => readLog(output, chunk.toString()));
    child.stdout.on("data", (chunk: Buffer) => {
      output.stdout += chunk.toString();
      const url = /^export GOPROXY=(\S+)$/m.exec(output.stdout)?.[1];
      if (url) printed.resolve(url);
    });
    child.on("error", (cause) => printed.reject(new Error("Cannot run bin/modgate", { cause })));
    void exited.then((code) =>
      printed.reject(new Error(`modgate serve ended with ${code}\n${output.stdout}${output.stderr}`)),
    );
    const deadline = setTimeout(
      () => printed.reject(new Error(`modgate serve printed no address\n${output.stdout}${output.stderr}`)),
      options.deadlineMs ?? 30_000,
    );
    try {
      const url = await printed.promise;
      return new ModgateProcess({ child, url, data, folder, output, exited });
    } catch (error) {
      killGroup(child, "SIGKILL");
      await folder[Symbol.asyncDispose]();
      throw error;
    } finally {
      clearTimeout(deadline);
    }
  }

  get stdout(): string {
    return this.#output.stdout;
  }

  get stderr(): string {
    return this.#output.stderr;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The lines of the log so far: every JSON line of standard error. */
  get accessLog(): readonly LogLine[] {
    return this.#output.log;
  }

  /** Waits for a line of the log that fits, from the given one on; throws with the log's end where none comes. */
  async logLine(fits: (line: LogLine) => boolean, from = 0): Promise<LogLine> {
    const found = Promise.withResolvers<LogLine>();
    let next = from;
    const look = (): void => {
      while (next < this.accessLog.length) {
        const line = this.accessLog[next++];
        if (line && fits(line)) return found.resolve(line);
      }
    };
    const deadline = setTimeout(
      () => found.reject(new Error(`No line of the log fits ${fits.toString()}\n${this.stderr.slice(-4000)}`)),
      15_000,
    );
    this.#child.stderr?.on("data", look);
    look();
    try {
      return await found.promise;
    } finally {
      clearTimeout(deadline);
      this.#child.stderr?.off("data", look);
    }
  }

  /** SIGTERM, then waits for the end; the exit code, null where the deadline killed it. */
  async stop(deadlineMs = 10_000): Promise<number | null> {
    if (!this.running) return this.#child.exitCode;
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => killGroup(this.#child, "SIGKILL"), deadlineMs);
    const code = await this.#exited;
    clearTimeout(timer);
    return code;
  }

  /** SIGKILL to the whole process group, at once. */
  async kill9(): Promise<void> {
    killGroup(this.#child, "SIGKILL");
    await this.#exited;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** How many file descriptors the process holds (Linux). */
  async openFiles(): Promise<number> {
    return (await readdir(`/proc/${this.pid}/fd`)).length;
  }

  /** Resident memory in bytes: now, and the highest so far (Linux). */
  async memory(): Promise<{ resident: number; peak: number }> {
    const status = await readFile(`/proc/${this.pid}/status`, "utf8");
    const kilobytes = (key: string): number => Number(new RegExp(`^${key}:\\s+([0-9]+)`, "m").exec(status)?.[1]);
    return { resident: kilobytes("VmRSS") * 1024, peak: kilobytes("VmHWM") * 1024 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(3000);
    killGroup(this.#child, "SIGKILL");
    await this.#folder[Symbol.asyncDispose]();
  }
}

function readLog(output: Output, text: string): void {
  output.stderr += text;
  const lines = (output.unread + text).split("\n");
  output.unread = lines.pop() ?? "";
  for (const line of lines) {
    if (line.startsWith("{") && line.endsWith("}")) output.log.push(JSON.parse(line) as LogLine);
  }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the group has ended already.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
