import { badZip, type BadZip } from "./bad-zip.ts";
import type { Fault } from "./fault.ts";
import type { ModuleVersion } from "./module-tree.ts";

/** A row of GO-FACTS A.1–A.3: what an upstream does wrong, and what the real `go` makes of it without a gateway. */
export interface FactFault {
  /** The name of the row. */
  readonly name: string;
  /** Which file of the module it happens to. */
  readonly file: "info" | "mod" | "zip";
  readonly fault: Fault;
  /** What `go` does with `GOPROXY=P1,P2`: goes on to P2, stops, or takes the answer as good. */
  readonly go: "next" | "stop" | "accepted";
  /** The start of what `go` prints with P1 alone; {P1} is its host:port, {M} the module. Null where it accepts. */
  readonly prints: string | null;
}

const statuses = {
  204: "No Content",
  206: "Partial Content",
  300: "Multiple Choices",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  418: "I'm a Teapot",
  421: "Misdirected Request",
  425: "Too Early",
  429: "Too Many Requests",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  520: "unknown",
};

const url = "http://{P1}/{M}/@v/v1.0.0";
const reading = (status: string): string => `go: {M}@v1.0.0: reading ${url}.info: ${status}`;
const getting = (error: string): string => `go: {M}@v1.0.0: Get "${url}.info": ${error}`;
const cutOff = (file: string, error = "unexpected EOF"): string => `go: {M}@v1.0.0: read "${url}.${file}": ${error}`;
const badInfo = (error: string): string => `go: {M}@v1.0.0: invalid response from proxy "http://{P1}": ${error}`;
const broken = "net/http: HTTP/1.x transport connection broken: ";

function statusRows(): FactFault[] {
  return Object.entries(statuses).map(([code, phrase]) => {
    const status = Number(code);
    return {
      name: `${status}`,
      file: "info",
      fault: { kind: "status", status, reason: phrase },
      go: status === 404 || status === 410 ? "next" : "stop",
      prints: reading(`${status} ${phrase}`),
    };
  });
}

function page(status: number, phrase: string): FactFault {
  const fault: Fault = { kind: "status", status, reason: phrase, contentType: "text/html", body: html };
  return {
    name: `${status}-html`,
    file: "info",
    fault,
    go: status === 404 ? "next" : "stop",
    prints: reading(`${status} ${phrase}`),
  };
}

const html = "<html><body>Please log in</body></html>\n";

/** The rows of GO-FACTS A.1 and A.2: statuses and broken answers, all on `.info`, the first file that go asks. */
export function answerFaults(): FactFault[] {
  const info = (name: string, fault: Fault, prints: string): FactFault => ({
    name,
    file: "info",
    fault,
    go: "stop",
    prints,
  });
  const raw = (name: string, bytes: string, prints: string): FactFault => info(name, { kind: "raw", bytes }, prints);
  return [
    ...statusRows(),
    info("301-missing-location", { kind: "status", status: 301 }, reading("301 Moved Permanently")),
    info("302-missing-location", { kind: "status", status: 302 }, reading("302 Found")),
    page(401, "Unauthorized"),
    page(403, "Forbidden"),
    page(404, "Not Found"),
    {
      name: "404-nobody",
      file: "info",
      fault: { kind: "status", status: 404, body: "" },
      go: "next",
      prints: reading("404 Not Found"),
    },
    page(500, "Internal Server Error"),
    info(
      "429-retry-after-1",
      { kind: "status", status: 429, headers: { "retry-after": "1" } },
      reading("429 Too Many Requests"),
    ),
    info(
      "503-retry-after-1",
      { kind: "status", status: 503, headers: { "retry-after": "1" } },
      reading("503 Service Unavailable"),
    ),
    info("rst-before-response", { kind: "reset" }, getting("read tcp ")),
    info("close-before-response", { kind: "close" }, getting("EOF")),
    raw(
      "garbage-response",
      "SSH-2.0-OpenSSH_9.2\r\n",
      getting(`${broken}malformed HTTP response "SSH-2.0-OpenSSH_9.2"`),
    ),
    raw("empty-status-line", "\r\n\r\n", getting(`${broken}malformed HTTP response ""`)),
    raw("header-only-then-close", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", cutOff("info")),
    raw(
      "bad-content-length",
      "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nx",
      getting(`${broken}bad Content-Length "abc"`),
    ),
    raw(
      "gzip-header-plain-body",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\nthis is no gzip data",
      cutOff("info", "gzip: invalid header"),
    ),
  ];
}

/** The rows of GO-FACTS A.3 for one module version: bodies that are wrong or break off. */
export async function bodyFaults(version: ModuleVersion): Promise<FactFault[]> {
  return [...infoBodies(), ...modBodies(version), ...(await zipBodies(version))];
}

function infoBodies(): FactFault[] {
  const bodies: readonly (readonly [string, string, string | null])[] = [
    ["empty", "", badInfo("unexpected end of JSON input")],
    ["html-200", html, badInfo("invalid character '<' looking for beginning of value")],
    ["truncated-json", '{"Version":"v1.0.0","Ti', badInfo("unexpected end of JSON input")],
    ["json-array", '["v1.0.0"]', badInfo("json: cannot unmarshal array into Go value of type modfetch.RevInfo")],
    ["null", "null", "go: {M}@v1.0.0: proxy returned info for version  instead of requested version"],
    ["empty-object", "{}", "go: {M}@v1.0.0: proxy returned info for version  instead of requested version"],
    ["no-time", '{"Version":"v1.0.0"}', null],
    ["bad-time", '{"Version":"v1.0.0","Time":"yesterday"}', badInfo('parsing time "yesterday"')],
    [
      "other-version",
      '{"Version":"v1.0.1"}',
      "go: {M}@v1.0.0: proxy returned info for version v1.0.1 instead of requested version",
    ],
    ["bom", '\ufeff{"Version":"v1.0.0"}', badInfo("invalid character 'ï' looking for beginning of value")],
    ["extra-fields", '{"Version":"v1.0.0","Time":"2024-01-01T00:00:00Z","Zip":"x","Origin":{"VCS":"git"}}', null],
    ["lowercase-keys", '{"version":"v1.0.0","time":"2024-01-01T00:00:00Z"}', null],
    ["trailing-garbage", '{"Version":"v1.0.0"}xyz', badInfo("invalid character 'x' after top-level value")],
  ];
  return [
    ...bodies.map(([name, body, prints]) => bodyRow("info", `info-${name}`, body, prints)),
    ...cutRows("info", "info-short-body"),
  ];
}

function modBodies({ path }: ModuleVersion): FactFault[] {
  return [
    bodyRow("mod", "mod-empty", "", null),
    bodyRow("mod", "mod-html-200", html, null),
    bodyRow("mod", "mod-wrong-module-line", "module example.com/other\n\ngo 1.21\n", null),
    bodyRow("mod", "mod-syntax-error", `module ${path}\n\nrequire (((\n`, null),
    bodyRow("mod", "mod-crlf", `module ${path}\r\n\r\ngo 1.21\r\n`, null),
    ...cutRows("mod", "mod-short-body").slice(0, 1),
  ];
}

async function zipBodies(version: ModuleVersion): Promise<FactFault[]> {
  const noZip = "go: zip: not a valid zip file";
  const unexpected = "go: zip for {M}@v1.0.0 has unexpected file ";
  const variants: readonly (readonly [BadZip, string | null])[] = [
    ["empty", noZip],
    ["html-200", noZip],
    ["truncated-clean", noZip],
    ["one-byte-flipped-in-data", "go: zip: checksum error"],
    ["trailing-garbage", null],
    ["prepended-garbage", null],
    ["wrong-prefix", `${unexpected}{M}@v1.0.1/`],
    ["no-prefix", unexpected],
    ["path-traversal", "-> unzip "],
    ["case-collision", "-> unzip "],
    ["no-files", null],
    ["without-go.mod", null],
    ["other-go.mod", null],
  ];
  const rows: FactFault[] = [];
  for (const [variant, prints] of variants) {
    rows.push(bodyRow("zip", `zip-${variant}`, await badZip(version, variant), prints));
  }
  return [...rows, ...cutRows("zip", "zip-truncated")];
}

function bodyRow(file: FactFault["file"], name: string, body: string | Uint8Array, prints: string | null): FactFault {
  return { name, file, fault: { kind: "body", body }, go: prints === null ? "accepted" : "stop", prints };
}

function cutRows(file: FactFault["file"], name: string): FactFault[] {
  const cut = (how: "content-length" | "chunked" | "reset", label: string): FactFault => ({
    name: `${name}-${label}`,
    file,
    fault: { kind: "truncate", how },
    go: "stop",
    prints: cutOff(file, how === "reset" ? "read tcp " : undefined),
  });
  return [cut("content-length", "contentlength"), cut("chunked", "chunked"), cut("reset", "rst")];
}
