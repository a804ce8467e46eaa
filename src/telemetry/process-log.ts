import { pino, stdSerializers, stdTimeFunctions, type Logger } from "pino";
import type { LineSink } from "./log-destination.ts";
import { maskText } from "./mask.ts";

/**
 * The log of the process itself, in lines of the same shape as the access log's: ISO time, level by its name.
 * Levels are pino's (`trace` to `fatal`, `silent`). Errors stand under `error`; URLs lose their user names and queries.
 */
export function processLog(sink: LineSink, level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.err },
      hooks: { streamWrite: maskText },
    },
    sink,
  );
}
