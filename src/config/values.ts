import * as z from "zod";
import { parseByteSize } from "../kernel/byte-size.ts";
import { formatDuration, longestTimerMs, parseDuration } from "../kernel/duration.ts";
import { maskUrls } from "./mask.ts";

interface RawIssue {
  readonly input?: unknown;
}

/** The error of a zod schema: what stands there and what would be right. Values are shown short and masked. */
export function wrong(want: string): (issue: RawIssue) => string {
  return ({ input }) =>
    input === undefined ? `is missing; want ${want}` : `${showInput(input)} is wrong; want ${want}`;
}

/** Text that fits the pattern; `want` names what it should be, for people. */
export function textValue(want: string, pattern = /\S/): z.ZodString {
  return z.string({ error: wrong(want) }).regex(pattern, { error: wrong(want) });
}

/** Text that no message may repeat. */
export function secretValue(want: string): z.ZodString {
  // A line break would start another header.
  return z.string({ error: `want ${want}` }).regex(/^[^\r\n\0]*$/, { error: `has a line break; want ${want}` });
}

/** A whole number from `min` up to and with `max`. */
export function integerValue(min: number, max: number): z.ZodType<number> {
  const error = wrong(`a whole number from ${min} to ${max}`);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A share of a whole, from 0 to 1. */
export function shareValue(): z.ZodType<number> {
  const error = wrong("a share from 0 to 1, such as 0.1");
  return z.number({ error }).min(0, { error }).max(1, { error });
}

export function flagValue(): z.ZodType<boolean> {
  return z.boolean({ error: wrong("true or false") });
}

/** One word of a closed list. */
export function choiceValue<const T extends readonly string[]>(words: T): z.ZodType<T[number]> {
  return z.enum(words, { error: wrong(words.join(" or ")) });
}

/** A duration in milliseconds, within the limits; without `maxMs` one that a timer can wait for (24 days). */
export function durationValue(limits: { minMs?: number; maxMs?: number } = {}): z.ZodType<number> {
  const { minMs = 0, maxMs = longestTimerMs } = limits;
  const want = `a duration such as 30s, 1h30m or 7d, from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  return textValue(want, /^(0|(\d+(\.\d+)?(ms|s|m|h|d))+)$/).transform((text, context) => {
    const durationMs = parseDuration(text);
    if (durationMs !== null && durationMs >= minMs && durationMs <= maxMs) return durationMs;
    return refuse(context, wrong(want)({ input: text }));
  });
}

/** A duration, or `word` for null. */
export function durationOr(word: string, mostMs: number = longestTimerMs): z.ZodType<number | null> {
  const want = `a duration such as 500ms or 2s, or ${word}`;
  return z.string({ error: wrong(want) }).transform((text, context) => {
    if (text === word) return null;
    const durationMs = parseDuration(text);
    if (durationMs !== null && durationMs > 0 && durationMs <= mostMs) return durationMs;
    return refuse(context, wrong(want)({ input: text }));
  });
}

/** A size in bytes from text such as `10GiB`, or a whole number of bytes; `none` is null where that is allowed. */
export function byteSizeValue(): z.ZodType<number> {
  return sizeText("a size such as 512MiB or 10GiB").transform((bytes, context) => {
    return bytes ?? refuse(context, "none is wrong; want a size such as 512MiB or 10GiB");
  });
}

export function byteSizeOrNone(): z.ZodType<number | null> {
  return sizeText("a size such as 512MiB or 10GiB, or none");
}

/** A list of such values. */
export function listValue<T>(item: z.ZodType<T>, want: string): z.ZodType<T[]> {
  return z.array(item, { error: wrong(want) });
}

/** A map from names that fit `names` to such values. */
export function mapValue<T>(
  names: { pattern: RegExp; want: string },
  value: z.ZodType<T>,
  want: string,
): z.ZodType<Record<string, T>> {
  const key = z
    .string()
    .regex(names.pattern, { error: ({ input }) => `the name ${showInput(input)} is wrong; want ${names.want}` });
  return z.record(key, value, { error: wrong(want) });
}

/** A list of module patterns. */
export function patternList(): z.ZodType<string[]> {
  const want = "a list of module patterns, such as [github.com/corp, '*.corp.example']";
  return listValue(textValue("a module path or a glob over one"), want);
}

/** Ends a transform with an error. */
export function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

function sizeText(want: string) {
  const error = wrong(want);
  return z.union([z.string(), z.number()], { error }).transform((input, context) => {
    if (input === "none") return null;
    const bytes = parseByteSize(String(input));
    return bytes ?? refuse(context, error({ input }));
  });
}

/** A value as a message shows it: short, masked, lists and maps by their kind alone. */
export function showInput(input: unknown): string {
  if (typeof input === "string") return JSON.stringify(clip(maskUrls(input)));
  if (Array.isArray(input)) return "a list";
  if (typeof input === "object" && input !== null) return "a map";
  return clip(String(input));
}

function clip(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
