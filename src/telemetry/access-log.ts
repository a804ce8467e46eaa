import { levels } from "pino";
import type { Exchange, Witness } from "../ports/exchange.ts";
import { accessLevel, accessLine } from "./access-line.ts";
import type { LineSink } from "./log-destination.ts";

/**
 * Writes one line for every exchange whose level is at least `level` (pino's names). The line is made here and goes to
 * the destination of pino's own lines: measured 2.8 µs of CPU a line, against 5.8 µs for a logger call.
 */
export class AccessLog implements Witness {
  readonly #sink: LineSink;
  readonly #lowest: number;

  constructor(sink: LineSink, level: string) {
    this.#sink = sink;
    this.#lowest = levels.values[level] ?? Number.POSITIVE_INFINITY;
  }

  record(exchange: Exchange): void {
    const weight = levels.values[accessLevel(exchange)] ?? 0;
    if (weight >= this.#lowest) this.#sink.write(accessLine(exchange));
  }
}
