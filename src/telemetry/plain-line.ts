import type { GoRequest } from "../gomod/request.ts";
import type { Exchange } from "../ports/exchange.ts";
import { isoTime } from "./iso-time.ts";
import { maskPath } from "./mask.ts";
import { moduleOf, versionOf } from "./subject.ts";

/**
 * The access line of what a busy cache answers, put together from pieces that come again and again: half the
 * cost of one JSON.stringify. Null where the exchange has more to tell; then wholeLine() makes it.
 */
export function plainLine(exchange: Exchange): string | null {
  const { request } = exchange;
  if (request === null || exchange.verdict !== "ok" || exchange.problem !== null) return null;
  if (exchange.tries.length > 0 || exchange.rule !== null || exchange.ageSeconds !== null) return null;
  const { middle, tail } = piecesOf(request, exchange);
  const ms = Math.round(exchange.tookMs * 1000) / 1000;
  const time = isoTime(Math.round(exchange.startedAtMs + exchange.tookMs));
  const end = exchange.traceparent === "" ? "}\n" : `,"traceId":${quoted(exchange.traceparent.slice(3, 35))}}\n`;
  const id = JSON.stringify(exchange.id);
  return `{"time":"${time}","level":"info","requestId":${id}${middle}${ms},"bytes":${exchange.bytesSent}${tail}${end}`;
}

interface Pieces {
  readonly middle: string;
  readonly tail: string;
  /** What they were made from. */
  readonly of: Exchange;
}

// A request that comes again is the same object, and what its lines have in common is put into JSON once.
const known = new WeakMap<GoRequest, Pieces>();

function piecesOf(request: GoRequest, exchange: Exchange): Pieces {
  const before = known.get(request);
  if (before !== undefined && isAlike(before.of, exchange)) return before;
  const { tenant, endpoint, status, cache, upstream, method, path, client, userAgent, generation } = exchange;
  const module = moduleOf(request);
  const version = versionOf(request);
  const first = JSON.stringify({ tenant, module, version, endpoint, verdict: "ok", status, cache, upstream });
  const last = JSON.stringify({ method, path: maskPath(path), client, userAgent, generation });
  const pieces = { middle: `,${first.slice(1, -1)},"ms":`, tail: `,${last.slice(1, -1)}`, of: exchange };
  known.set(request, pieces);
  return pieces;
}

function isAlike(one: Exchange, other: Exchange): boolean {
  return (
    one.client === other.client &&
    one.path === other.path &&
    one.userAgent === other.userAgent &&
    one.upstream === other.upstream &&
    one.status === other.status &&
    one.cache === other.cache &&
    one.method === other.method &&
    one.tenant === other.tenant &&
    one.generation === other.generation
  );
}

// Few upstreams, clients and user agents ask most: their JSON is kept, up to a number.
const quotedTexts = new Map<string, string>();
const maxQuoted = 2000;

function quoted(text: string | null): string {
  if (text === null) return "null";
  const known = quotedTexts.get(text);
  if (known !== undefined) return known;
  const json = JSON.stringify(text);
  if (quotedTexts.size >= maxQuoted) quotedTexts.clear();
  quotedTexts.set(text, json);
  return json;
}
