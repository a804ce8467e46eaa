import type { Clock } from "../kernel/clock.ts";
import type { Output } from "./cli-context.ts";
import { humanBytes, humanCount, humanDuration } from "./human-units.ts";
import type { Paint } from "./colour.ts";
import { clipText, oneLine } from "./text-width.ts";

export interface ProgressOptions {
  /** Standard error: what is no terminal gets nothing at all. */
  readonly output: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly paint: Paint;
  /** What is counted: bytes, or things such as `files`. */
  readonly unit: string;
}

const drawEveryMs = 100;
const barColumns = 24;
const clearLine = "\r\u001b[K";

/** One line on a terminal that says how far something is, gone when it has ended. */
export class Progress implements Disposable {
  readonly #options: ProgressOptions;
  readonly #isShown: boolean;
  readonly #startedAt: number;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #isOnScreen = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#isShown = options.output.isTTY && options.env.TERM !== "dumb";
    this.#startedAt = options.clock.monotonic();
  }

  /** Says how much is done of how much (null: nobody knows), and what is at work; drawn at most ten times a second. */
  update(done: number, total: number | null, label = ""): void {
    if (!this.#isShown) return;
    const now = this.#options.clock.monotonic();
    if (now - this.#drawnAt < drawEveryMs && done !== total) return;
    this.#drawnAt = now;
    this.#isOnScreen = true;
    this.#options.output.write(clearLine + this.#lineOf(done, total, label, now - this.#startedAt));
  }

  /** Writes a line of its own above the progress, which is drawn again with the next update. */
  say(text: string): void {
    this.#clear();
    this.#options.output.write(`${text}\n`);
    this.#drawnAt = Number.NEGATIVE_INFINITY;
  }

  [Symbol.dispose](): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#isOnScreen) this.#options.output.write(clearLine);
    this.#isOnScreen = false;
  }

  #lineOf(done: number, total: number | null, label: string, tookMs: number): string {
    const { paint, output } = this.#options;
    const perMs = tookMs > 0 ? done / tookMs : 0;
    const parts = [total === null ? this.#amount(done) : `${this.#amount(done)} of ${this.#amount(total)}`];
    if (perMs > 0) parts.push(`${this.#amount(perMs * 1000)}/s`);
    if (total !== null && perMs > 0 && done < total) parts.push(`${humanDuration((total - done) / perMs)} left`);
    const share = total === null ? null : total > 0 ? Math.min(1, done / total) : 1;
    const bar = share === null ? "" : `${barOf(share)} ${String(Math.floor(share * 100)).padStart(3)}%  `;
    const text = clipText(`${parts.join("  ")}  ${oneLine(label)}`.trimEnd(), output.columns - 1 - bar.length);
    return paint("cyan", bar) + text;
  }

  #amount(value: number): string {
    const { unit } = this.#options;
    return unit === "bytes" ? humanBytes(value) : `${humanCount(value)} ${unit}`;
  }
}

function barOf(share: number): string {
  const full = Math.round(share * barColumns);
  return `[${"#".repeat(full)}${"-".repeat(barColumns - full)}]`;
}
