import type { Random } from "../../src/kernel/random.ts";

const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

const goodPaths = [
  "/example.com/a/@v/list",
  "/example.com/a/@v/v1.0.0.info",
  "/example.com/a/@v/v1.2.0.zip",
  "/example.com/a/@latest",
  "/v1/example.com/a/@v/list",
  "/cached-only/example.com/a/@v/list",
  "/sumdb/localhost.localdev/sumdb/supported",
  "/sumdb/localhost.localdev/sumdb/lookup/example.com/a@v1.0.0",
  "/sumdb/localhost.localdev/sumdb/tile/8/0/001.p/87",
  "/index?since=2024-01-01T00:00:00Z&limit=10",
  "/example.com/a?go-get=1",
  "/healthz",
  "/metrics",
  "/-/api/v1/explain/example.com/a@v1.0.0",
];

const nastyParts = [
  "..",
  "%2e%2e",
  "..%2f",
  "%2e%2e%2f",
  "..\\",
  "%5c..%5c",
  "%00",
  "%",
  "%zz",
  "%c0%ae",
  "//",
  "/./",
  "!",
  "!!a",
  "!A",
  "A",
  "@v",
  "@",
  "@latest",
  ".info",
  ".zip",
  "v1",
  "v1.2.3-0.20240101000000-abcdefabcdef",
  "+incompatible",
  "etc/passwd",
  "file:///etc/passwd",
  "CON",
  "a".repeat(300),
  "ü",
  "\u202e",
  ";",
  "?x=../..",
  "#",
  "*",
  "~",
  " ",
  "\t",
];

const methods = [
  "GET",
  "GET",
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "PATCH",
  "CONNECT",
  "PROPFIND",
  "get",
  "G\u0000T",
  "",
];

const headerLines = [
  "Host: x",
  "Host: ",
  "Host: a\r\nHost: b",
  "Range: bytes=0-0",
  "Range: bytes=-1,5-,999999999999999999999-",
  "Range: bytes=5-1",
  "If-None-Match: *",
  'If-None-Match: "x", W/"y", ',
  "If-Modified-Since: yesterday",
  "Content-Length: 0",
  "Content-Length: -1",
  "Content-Length: 99999999999999999999",
  "Content-Length: 5\r\nContent-Length: 6",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked\r\nContent-Length: 3",
  "Expect: 100-continue",
  "Expect: a-miracle",
  "Upgrade: websocket\r\nConnection: upgrade",
  "Connection: close",
  "Via: 1.1 modgate, 1.1 x",
  "traceparent: 00-zz-zz-zz",
  "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "X-Go-Proxy-Upstream: nobody",
  "X-Go-Proxy-Upstream: ../../etc",
  "X-Request-Id: \u001b[31m",
  "Disable-Module-Fetch: true",
  "Disable-Module-Fetch: perhaps",
  "Authorization: Basic %%%",
  "Accept-Encoding: gzip;q=x",
  "no colon here",
  ": no name",
  "Tab\t: x",
  `X-Long: ${"y".repeat(9000)}`,
  `X-Many: ${"z, ".repeat(200)}`,
  "X-Bin: \u0001\u0002\u007f\u0080\u00ff",
];

/** One request that no right-minded client sends, as bytes. Every one ends in a blank line, so that it is complete. */
export function garbageRequest(random: Random): Buffer {
  if (random() < 0.04) return noiseLine(random);
  const method = random() < 0.6 ? "GET" : pick(random, methods);
  const version = random() < 0.93 ? "HTTP/1.1" : pick(random, ["HTTP/1.0", "HTTP/2.0", "HTTP/9", "http/1.1", ""]);
  const headers = ["Host: 127.0.0.1"];
  for (let count = Math.max(0, Math.floor(random() * 7) - 3); count > 0; count--)
    headers.push(pick(random, headerLines));
  const ending = random() < 0.95 ? "\r\n" : "\n";
  return Buffer.from(
    `${method} ${garbagePath(random)} ${version}${ending}${headers.join(ending)}${ending}${ending}`,
    "latin1",
  );
}

function garbagePath(random: Random): string {
  const dice = random();
  if (dice < 0.1) return pick(random, goodPaths);
  if (dice < 0.3) return wellFormed(random);
  if (dice < 0.6) return mutated(random, pick(random, goodPaths));
  if (dice < 0.9) {
    const parts = Array.from({ length: 1 + Math.floor(random() * 7) }, () => pick(random, nastyParts));
    return `/${parts.join(random() < 0.5 ? "/" : "")}`;
  }
  return pick(random, [
    "*",
    "",
    "//",
    "/",
    "http://other.example/example.com/a/@v/list",
    `/${"a/".repeat(3000)}`,
    "?",
    "/?",
  ]);
}

// Right in form, so that it goes all the way, and nothing that anybody has.
function wellFormed(random: Random): string {
  const word = (): string => Math.floor(random() * 1e9).toString(36);
  const module = `example.com/${word()}${random() < 0.3 ? `/!${word()}` : ""}`;
  const end = pick(random, [
    "list",
    "v1.2.3.info",
    "v1.2.3.mod",
    "v1.2.3.zip",
    `${word()}.info`,
    "v1.info",
    "latest.info",
  ]);
  return random() < 0.2 ? `/${module}/@latest` : `/${module}/@v/${end}`;
}

function mutated(random: Random, path: string): string {
  let result = path;
  for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
    const at = Math.floor(random() * (result.length + 1));
    const kind = random();
    if (kind < 0.5) result = result.slice(0, at) + pick(random, nastyParts) + result.slice(at);
    else if (kind < 0.75) result = result.slice(0, at) + result.slice(at + 1 + Math.floor(random() * 5));
    else result = result.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + result.slice(at + 1);
  }
  return result;
}

function noiseLine(random: Random): Buffer {
  const bytes = Buffer.alloc(1 + Math.floor(random() * 400));
  for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(random() * 256);
  return Buffer.concat([bytes, Buffer.from("\r\n\r\n")]);
}
