import type { Random } from "../kernel/random.ts";

/** What a traceparent header says. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

const format = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Reads a traceparent header; null where it is missing or breaks any rule, and then a new trace begins. Fields that a
 * later version adds behind are passed over. https://www.w3.org/TR/trace-context-2/#traceparent-header
 */
export function parseTraceparent(header: string | undefined): TraceContext | null {
  const [, version, traceId, spanId, flags, rest] = format.exec(header ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  if (version === "ff" || (version === "00" && rest !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The traceparent header of a span. */
export function formatTraceparent(context: TraceContext): string {
  return `00-${context.traceId}-${context.spanId}-${context.isSampled ? "01" : "00"}`;
}

/**
 * The traceparent of this gateway's own span: in the caller's trace where its header is valid, else in a new one that
 * nobody samples. Sent on to upstreams and kept in the exchange.
 */
export function childTraceparent(header: string | undefined, random: Random): string {
  const parent = header === undefined ? null : parseTraceparent(header);
  return formatTraceparent({
    traceId: parent?.traceId ?? hex(random, 4),
    spanId: hex(random, 2),
    isSampled: parent?.isSampled ?? false,
  });
}

const bytes = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));

/** `words` times 8 hexadecimal digits, never all zero. By table: every request makes six of them. */
function hex(random: Random, words: number): string {
  let text = "";
  let any = 0;
  for (let index = 0; index < words; index++) {
    const word = (random() * 0x1_0000_0000) >>> 0;
    any |= word;
    text += `${bytes[word >>> 24]}${bytes[(word >>> 16) & 255]}${bytes[(word >>> 8) & 255]}${bytes[word & 255]}`;
  }
  return any === 0 ? `${text.slice(1)}1` : text;
}
