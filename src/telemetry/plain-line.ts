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
  const trace = exchange.traceparent === "" ? "" : `,"traceId":${quoted(exchange.traceparent.slice(3, 35))}`;
  return (
    `{"time":"${isoTime(Math.round(exchange.startedAtMs + exchange.tookMs))}","level":"info",` +
    `"requestId":${JSON.stringify(exchange.id)},"tenant":${quoted(exchange.tenant)},${askedFields(request, exchange)},` +
    `"verdict":"ok","status":${exchange.status},"cache":"${exchange.cache}","upstream":${quoted(exchange.upstream)},` +
    `"ms":${Math.round(exchange.tookMs * 1000) / 1000},"bytes":${exchange.bytesSent},` +
    `"method":${quoted(exchange.method)},"path":${pathField(request, exchange.path)},` +
    `"client":${quoted(exchange.client)},"userAgent":${quoted(exchange.userAgent)},` +
    `"generation":${exchange.generation}${trace}}\n`
  );
}

// A request that comes again is the same object, so its words are put into JSON once.
const askedOf = new WeakMap<GoRequest, string>();
const pathOf = new WeakMap<GoRequest, { readonly path: string; readonly json: string }>();

function askedFields(request: GoRequest, exchange: Exchange): string {
  let fields = askedOf.get(request);
  if (fields === undefined) {
    const { endpoint } = exchange;
    fields = JSON.stringify({ module: moduleOf(request), version: versionOf(request), endpoint }).slice(1, -1);
    askedOf.set(request, fields);
  }
  return fields;
}

function pathField(request: GoRequest, path: string): string {
  const known = pathOf.get(request);
  if (known?.path === path) return known.json;
  const json = JSON.stringify(maskPath(path));
  pathOf.set(request, { path, json });
  return json;
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
