import { Problem } from "../kernel/problem.ts";
import type { Clock } from "../kernel/clock.ts";
import { endLogWriter, openLogWriter, type LogWriter } from "./log-writer.ts";

/** Takes whole lines, newline included. */
export interface LineSink {
  write(line: string): void;
}

export interface LogDestinationOptions {
  /** Null: standard error. */
  readonly file: string | null;
  readonly clock: Clock;
  /** Told, at most once a minute, when lines can't be written. */
  readonly onTrouble: (error: Error) => void;
}

const batchChars = 16 * 1024;
const maxKeptChars = 16 * 1024 * 1024;
const flushAfterMs = 100;
const retryAfterMs = 1000;
const troubleEveryMs = 60_000;

/**
 * Where log lines go: in batches, one write under way at a time, at most 100 ms late, the rest when the process exits.
 * A request never waits for the disk, and a full disk never stops the gateway: 16 MiB are kept until it can be written
 * again, later lines are dropped and counted. Several processes may append to one file; a pipe that they share may
 * tear lines while its reader lags.
 */
export class LogDestination implements LineSink, AsyncDisposable {
  readonly #options: LogDestinationOptions;
  readonly #onBeforeExit = (): void => this.#push();
  readonly #onExit = (): void => this.#flushSync();
  #writer: LogWriter;
  #pending = "";
  #isWriting = false;
  /** The batch is due as soon as the write under way has ended. */
  #isDue = false;
  /** The last write failed and the writer still holds its batch. */
  #isStuck = false;
  #isClosed = false;
  #cancelTimer: (() => void) | null = null;
  #droppedLines = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  private constructor(options: LogDestinationOptions, writer: LogWriter) {
    this.#options = options;
    this.#writer = writer;
    this.#listen(writer);
    // Before the writer's own listeners, which close it.
    process.prependListener("beforeExit", this.#onBeforeExit);
    process.prependListener("exit", this.#onExit);
  }

  /** CONFIG_INVALID where the file can't be opened; its folder is made where it is missing. */
  static async open(options: LogDestinationOptions): Promise<LogDestination> {
    return new LogDestination(options, await openLogWriter(options.file));
  }

  /** How many lines were thrown away because nothing could be written. */
  get droppedLines(): number {
    return this.#droppedLines;
  }

  write(line: string): void {
    if (this.#isClosed || this.#pending.length > maxKeptChars) {
      this.#droppedLines++;
      return;
    }
    this.#pending += line;
    if (this.#pending.length >= batchChars && !this.#isStuck) this.#push();
    else this.#pushAfter(flushAfterMs);
  }

  /** Resolves when everything written so far has been handed to the system, or could not be. */
  async flush(): Promise<void> {
    while (!this.#isClosed && (this.#pending !== "" || this.#isWriting)) {
      this.#push();
      if (!(await endOfWrite(this.#writer))) return;
    }
  }

  /**
   * Opens the file anew, for log rotation by rename; standard error stays as it is. What was written before goes to
   * the old file. Where the new one can't be opened the old one is kept and onTrouble is told.
   */
  async reopen(): Promise<void> {
    if (this.#options.file === null) return;
    try {
      const opened = await openLogWriter(this.#options.file);
      await this.flush();
      const old = this.#writer;
      this.#writer = opened;
      this.#isWriting = false;
      this.#isStuck = false;
      this.#isClosed = false;
      this.#listen(opened);
      await endLogWriter(old);
    } catch (error) {
      this.#tell(Problem.from(error));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush();
    process.off("beforeExit", this.#onBeforeExit);
    process.off("exit", this.#onExit);
    if (this.#options.file !== null && !this.#isClosed) await endLogWriter(this.#writer);
  }

  #push(): void {
    if (this.#isWriting) {
      this.#isDue = true;
      return;
    }
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#isDue = false;
    if (this.#isClosed || (this.#pending === "" && !this.#isStuck)) return;
    this.#isWriting = true;
    if (this.#isStuck) return this.#writer.flush();
    const batch = this.#pending;
    this.#pending = "";
    this.#writer.write(batch);
  }

  #pushAfter(delayMs: number): void {
    this.#cancelTimer ??= this.#options.clock.after(delayMs, () => this.#push());
  }

  #listen(writer: LogWriter): void {
    const isCurrent = (): boolean => writer === this.#writer;
    writer.on("drain", () => {
      if (!isCurrent()) return;
      this.#isWriting = false;
      this.#isStuck = false;
      if (this.#isDue || this.#pending.length >= batchChars) this.#push();
    });
    writer.on("error", (error: NodeJS.ErrnoException) => {
      this.#tell(error);
      if (!isCurrent()) return;
      this.#isWriting = false;
      this.#isStuck = true;
      if (error.code === "EPIPE") this.#isClosed = true;
      else this.#pushAfter(retryAfterMs);
    });
    writer.on("close", () => {
      if (isCurrent()) this.#isClosed = true;
    });
  }

  #flushSync(): void {
    if (this.#isClosed) return;
    try {
      if (this.#pending !== "") this.#writer.write(this.#pending);
      this.#pending = "";
      this.#writer.flushSync();
    } catch (error) {
      this.#tell(Problem.from(error));
    }
  }

  #tell(error: Error): void {
    const now = this.#options.clock.monotonic();
    if (now - this.#toldAt < troubleEveryMs) return;
    this.#toldAt = now;
    this.#options.onTrouble(error);
  }
}

/** True when the write under way has ended well. */
function endOfWrite(writer: LogWriter): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (wentWell: boolean): void => {
      writer.off("drain", onDrain).off("error", onFailure).off("close", onFailure);
      resolve(wentWell);
    };
    const onDrain = (): void => settle(true);
    const onFailure = (): void => settle(false);
    writer.once("drain", onDrain).once("error", onFailure).once("close", onFailure);
  });
}
