import { Problem } from "../kernel/problem.ts";
import { infoKey, latestKey, listKey, modKey, zipKey } from "./keys.ts";
import { parseIndexQuery } from "./parse-index.ts";
import { parseVulndbPath } from "./parse-vulndb.ts";
import { parseSumdbPath } from "./parse-sumdb.ts";
import { checkImportPath, unescapeModulePath, unescapeVersion } from "./path.ts";
import { quote } from "./quote.ts";
import type { GoRequest } from "./request.ts";
import { isCanonicalVersion } from "./version.ts";
import { parseAsOf, parseCooldown, plainView, type View } from "./view.ts";

/** What was asked, and what the prefixes of its path say. */
export interface ParsedRequest {
  readonly request: GoRequest;
  /** The cache alone may answer (`/cached-only/`). */
  readonly cachedOnly: boolean;
  readonly view: View;
}

// A path becomes a place in a file tree: file systems end names at 255 bytes.
const maxPathLength = 1024;
const maxNameBytes = 255;

/**
 * Reads a request of the module proxy protocol. `path` is the path as it came, percent-encoded, with its
 * leading slash and without the query. The prefixes `/v1/`, `/cached-only/`, `/cooldown/7d/` and `/asof/2026-06-01/`
 * come off, in any order.
 *
 * Percent-encoding is decoded once, and an encoded slash is refused: `go` sends none, and what two
 * programs read differently is a way around a rule. Paths over 1,024 characters and names over 255
 * bytes are refused. Every key is made of checked elements, so none leads out of the file tree.
 *
 * Problems, all with status 400: NOT_A_GO_REQUEST, INVALID_MODULE_PATH, INVALID_VERSION, INVALID_QUERY.
 * https://go.dev/ref/mod#goproxy-protocol, GO-FACTS B.2
 */
export function parseGoRequest(path: string, query: URLSearchParams): ParsedRequest {
  if (path.length > maxPathLength) {
    throw notGo(`${quote(path)} is longer than ${maxPathLength} characters`);
  }
  if (path.charCodeAt(0) !== 47) throw notGo(`${quote(path)} does not start with a slash`);
  const { rest, ...prefixes } = takePrefixes(path.includes("%") ? decodeOnce(path).slice(1) : path.slice(1));
  return { request: parsePath(rest, query), ...prefixes };
}

interface Prefixed {
  readonly rest: string;
  readonly cachedOnly: boolean;
  readonly view: View;
}

/** Takes the prefixes off, each at most once, in any order. */
function takePrefixes(path: string): Prefixed {
  const taken = new Set<string>();
  let rest = path;
  let view = plainView;
  for (;;) {
    const end = rest.indexOf("/");
    const name = rest.slice(0, Math.max(0, end));
    if (!prefixNames.has(name) || taken.has(name)) return { rest, cachedOnly: taken.has("cached-only"), view };
    taken.add(name);
    rest = rest.slice(end + 1);
    if (name !== "cooldown" && name !== "asof") continue;
    const value = rest.slice(0, Math.max(0, rest.indexOf("/")));
    rest = rest.slice(value.length + 1);
    view = name === "cooldown" ? { ...view, cooldownMs: parseCooldown(value) } : { ...view, asOfMs: parseAsOf(value) };
  }
}

// No module path starts so: its first element has a dot.
const prefixNames: ReadonlySet<string> = new Set(["v1", "cached-only", "cooldown", "asof"]);

function parsePath(path: string, query: URLSearchParams): GoRequest {
  if (query.size > 0 && query.get("go-get") === "1") return goGet(path);
  if (path === "index") return parseIndexQuery(query);
  if (path.startsWith("vulndb/")) return parseVulndbPath(path.slice("vulndb/".length));
  const request = path.startsWith("sumdb/") ? parseSumdbPath(path) : parseModuleRequest(path);
  refuseLongNames(request.key);
  return request;
}

function parseModuleRequest(path: string): Extract<GoRequest, { readonly key: string }> {
  // No module path has an @, so the first one starts the endpoint.
  const at = path.indexOf("/@");
  if (at < 0) throw notGo(`${quote(`/${path}`)} has neither /@v/ nor /@latest`);
  const escapedModule = path.slice(0, at);
  const module = unescapeModulePath(escapedModule);
  if (path.endsWith("/@latest") && path.length === at + "/@latest".length) {
    return { kind: "latest", module, escapedModule, key: latestKey(escapedModule) };
  }
  if (!path.startsWith("v/", at + 2)) throw notGo(`${quote(`/${path}`)} has neither /@v/ nor /@latest`);
  const file = path.slice(at + "/@v/".length);
  if (file === "list") return { kind: "list", module, escapedModule, key: listKey(escapedModule) };
  if (file.includes("/")) {
    throw new Problem("INVALID_VERSION", `Cannot read ${quote(file)} as a version file: it has a slash`, {
      hint: "the protocol has no names with a slash; ask the commit that the branch or tag points at",
    });
  }
  return parseVersionFile(file, { module, escapedModule });
}

function parseVersionFile(
  file: string,
  names: { readonly module: string; readonly escapedModule: string },
): Extract<GoRequest, { readonly key: string }> {
  const kind = extensionOf(file);
  if (kind === null) {
    throw notGo(`${quote(file)} of module ${names.module} is neither list nor a file .info, .mod or .zip`);
  }
  const escapedVersion = file.slice(0, file.lastIndexOf("."));
  const version = unescapeVersion(escapedVersion);
  if (isCanonicalVersion(version)) {
    const toKey = kind === "info" ? infoKey : kind === "mod" ? modKey : zipKey;
    return { kind, ...names, version, key: toKey(names.escapedModule, escapedVersion) };
  }
  if (kind === "info") {
    return { kind: "query", ...names, query: version, key: infoKey(names.escapedModule, escapedVersion) };
  }
  throw new Problem("INVALID_VERSION", `Only a canonical version has a .${kind}, and ${quote(version)} is none`, {
    hint: `ask /${names.escapedModule}/@v/${escapedVersion}.info first: its answer names the canonical version`,
  });
}

function extensionOf(file: string): "info" | "mod" | "zip" | null {
  if (file.endsWith(".info")) return "info";
  if (file.endsWith(".mod")) return "mod";
  return file.endsWith(".zip") ? "zip" : null;
}

function goGet(path: string): GoRequest {
  const importPath = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  // The root of a host that modules are named after.
  const reason = importPath === "" ? null : checkImportPath(importPath);
  if (reason === null) return { kind: "go-get", importPath };
  throw new Problem("INVALID_MODULE_PATH", `Cannot read ${quote(importPath)} as an import path: it has ${reason}`, {
    hint: "ask /IMPORT/PATH?go-get=1",
  });
}

function decodeOnce(path: string): string {
  if (/%2f/i.test(path)) throw notGo(`${quote(path)} has an encoded slash`);
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw notGo(`${quote(path)} is not percent-encoded UTF-8`, cause);
  }
}

// Keys are ASCII, so that characters are bytes.
function refuseLongNames(key: string): void {
  if (key.length <= maxNameBytes) return;
  for (const name of key.split("/")) {
    if (name.length > maxNameBytes)
      throw notGo(`${quote(name)} is longer than the ${maxNameBytes} bytes of a file name`);
  }
}

function notGo(reason: string, cause?: unknown): Problem {
  return new Problem("NOT_A_GO_REQUEST", reason, { cause });
}
