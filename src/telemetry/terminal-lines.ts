import * as z from "zod";
import type { LineSink } from "./log-destination.ts";

/** Gives a text in a style of the terminal, or as it is. */
export type LinePaint = (style: "dim" | "red" | "green" | "yellow" | "cyan", text: string) => string;

const lineSchema = z.object({
  time: z.string(),
  level: z.string(),
  verdict: z.string().optional(),
  status: z.number().optional(),
  cache: z.string().optional(),
  ms: z.number().optional(),
  path: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  msg: z.string().optional(),
  reason: z.string().optional(),
  reasons: z.array(z.string()).optional(),
  keys: z.array(z.string()).optional(),
  error: z.object({ message: z.string().optional() }).optional(),
  stack: z.string().optional(),
});

type Line = z.infer<typeof lineSchema>;

/** Turns the log's JSON lines into short ones for somebody who watches a terminal. */
export class TerminalLines implements LineSink {
  readonly #sink: LineSink;
  readonly #paint: LinePaint;

  constructor(sink: LineSink, paint: LinePaint) {
    this.#sink = sink;
    this.#paint = paint;
  }

  write(line: string): void {
    this.#sink.write(terminalLine(line, this.#paint));
  }
}

/**
 * One JSON line of the log in short: local time, verdict, status, cache, milliseconds and path of a request, with why
 * where it was refused; else level and message. A line that is no such JSON stays as it is; no control character
 * reaches the terminal.
 */
export function terminalLine(line: string, paint: LinePaint): string {
  const parsed = lineSchema.safeParse(parseOrNull(line));
  if (!parsed.success) return line;
  const { data } = parsed;
  const time = paint("dim", clockOf(data.time));
  return `${time} ${data.verdict === undefined ? eventOf(data, paint) : requestOf(data, data.verdict, paint)}\n`;
}

function requestOf(line: Line, verdict: string, paint: LinePaint): string {
  const style = verdict === "ok" ? "green" : line.level === "info" ? "cyan" : "red";
  const took = `${msOf(line.ms ?? 0)} ms`.padStart(9);
  const head = `${paint(style, verdict.padEnd(11))} ${line.status ?? "-"} ${(line.cache ?? "-").padEnd(7)} ${took}  ${oneLine(line.path ?? "")}`;
  const why = line.message === undefined ? "" : `\n         ${paint("dim", oneLine(`${line.code}: ${line.message}`))}`;
  return `${head}${why}${stackOf(line.stack)}`;
}

function eventOf(line: Line, paint: LinePaint): string {
  const { level, msg = "", code, reason, reasons = [], keys, error } = line;
  const style = level === "info" ? "cyan" : level === "warn" ? "yellow" : "red";
  const why = reason ?? keys?.join(", ") ?? error?.message;
  const cause = why === undefined || why === msg ? "" : `: ${why}`;
  const more = reasons.map((one) => `\n         ${paint("dim", oneLine(one))}`).join("");
  return `${paint(style, level.padEnd(11))} ${oneLine(`${msg}${cause}${code === undefined ? "" : ` (${code})`}`)}${more}`;
}

function stackOf(stack: string | undefined): string {
  return stack === undefined ? "" : `\n${stack.split("\n").map(oneLine).join("\n    ")}`;
}

function msOf(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}

function clockOf(time: string): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

function parseOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim();
}
