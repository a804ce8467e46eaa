/** The head of a plain request: GET or HEAD over HTTP/1.1, without a body and with nothing to negotiate. */
export interface RequestHead {
  readonly method: "GET" | "HEAD";
  /** Path and query as they came; starts with a slash. */
  readonly target: string;
  /** Values by lower-case name. No name comes twice; the object has no prototype. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The header lines as they came, with the empty line that ends them. */
  readonly fields: string;
  /** Where the next request begins in the text. */
  readonly end: number;
}

const maxTarget = 4096;
const maxFields = 8192;
const maxFieldCount = 64;

// Whatever frames a body, changes the connection or waits for an interim answer is node:http's to judge.
const notPlain = new Set([
  "connection",
  "content-length",
  "expect",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Reads the head that begins at `start` of `text`, the bytes of a connection as latin1. Null where it is not
 * plain or not whole: then its bytes are for node:http, which judges them; no malformed head is ever accepted.
 * Stricter than https://www.rfc-editor.org/rfc/rfc9112 on purpose: CRLF alone ends a line, no folding, printable
 * ASCII, no name twice, exactly one Host, a target of at most 4,096 characters, 64 fields in 8,192 bytes.
 *
 * `previous` is the head before it on the same connection: clients repeat their header lines byte by byte, and
 * the same bytes need no second reading.
 */
export function parseRequestHead(text: string, start: number, previous: RequestHead | null): RequestHead | null {
  const method = text.startsWith("GET /", start) ? "GET" : text.startsWith("HEAD /", start) ? "HEAD" : null;
  if (method === null) return null;
  const targetStart = start + method.length + 1;
  const targetEnd = endOfRun(text, targetStart, isTargetCode);
  if (targetEnd - targetStart > maxTarget || !text.startsWith(" HTTP/1.1\r\n", targetEnd)) return null;
  const target = text.slice(targetStart, targetEnd);
  const fieldsStart = targetEnd + 11;
  if (previous !== null && text.startsWith(previous.fields, fieldsStart)) {
    const { headers, fields } = previous;
    return { method, target, headers, fields, end: fieldsStart + fields.length };
  }
  const headers: Record<string, string | undefined> = Object.create(null);
  const end = readFields(text, fieldsStart, headers);
  if (end < 0 || end - fieldsStart > maxFields || headers["host"] === undefined) return null;
  return { method, target, headers, fields: text.slice(fieldsStart, end), end };
}

/** Fills `headers` and gives where the empty line ends; -1 where a line is not plain or missing. */
function readFields(text: string, start: number, headers: Record<string, string | undefined>): number {
  let at = start;
  for (let count = 0; count <= maxFieldCount; count++) {
    if (text.startsWith("\r\n", at)) return at + 2;
    const nameEnd = endOfRun(text, at, isNameCode);
    const valueEnd = endOfRun(text, nameEnd + 1, isValueCode);
    if (nameEnd === at || text.charCodeAt(nameEnd) !== colon || !text.startsWith("\r\n", valueEnd)) return -1;
    const name = text.slice(at, nameEnd).toLowerCase();
    if (notPlain.has(name) || name in headers) return -1;
    headers[name] = trimSpaces(text, nameEnd + 1, valueEnd);
    at = valueEnd + 2;
  }
  return -1;
}

function trimSpaces(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && text.charCodeAt(from) === space) from++;
  while (to > from && text.charCodeAt(to - 1) === space) to--;
  return text.slice(from, to);
}

const space = 0x20;
const colon = 0x3a;

// One byte for each of the first 128 codes; a code above reads undefined, and so does NaN past the end of the text.
const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const isNameCode = codesOf(`-${alphanumeric}`);
const isTargetCode = codesOf(`!$%&'()*+,-./:;=?@_~${alphanumeric}`);
const isValueCode = codesOf(` !"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~${alphanumeric}`);

function codesOf(chars: string): Uint8Array {
  const codes = new Uint8Array(128);
  for (const char of chars) codes[char.charCodeAt(0)] = 1;
  return codes;
}

function endOfRun(text: string, start: number, codes: Uint8Array): number {
  let at = start;
  while (codes[text.charCodeAt(at)] === 1) at++;
  return at;
}
