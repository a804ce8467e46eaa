import { Problem } from "../kernel/problem.ts";
import { unescapeModulePath, unescapeVersion } from "./path.ts";
import { quote } from "./quote.ts";
import type { GoRequest } from "./request.ts";
import { isTilePath } from "./tile-path.ts";
import { isCanonicalVersion } from "./version.ts";

type SumdbRequest = Extract<GoRequest, { readonly kind: "sumdb" }>;

const hint = "ask /sumdb/NAME/supported, /latest, /lookup/MODULE@VERSION or /tile/8/LEVEL/NUMBER";
const namePart = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?::[0-9]+)?$/;

/**
 * Reads a checksum database request, its path decoded and without leading slash:
 * `sumdb/NAME/supported|latest|lookup/MODULE@VERSION|tile/…`. The name may have a path, and ends at the
 * first of these words. Problems: NOT_A_GO_REQUEST, INVALID_MODULE_PATH, INVALID_VERSION.
 * https://go.dev/design/25530-sumdb#proxying-a-checksum-database
 */
export function parseSumdbPath(path: string): SumdbRequest {
  const parts = path.split("/");
  const at = parts.findIndex((part, index) => index > 1 && opOf(part) !== null);
  const op = opOf(parts[at] ?? "");
  if (op === null) throw notGo(`${quote(`/${path}`)} has no checksum database name and operation`);
  const nameParts = parts.slice(1, at);
  const bad = nameParts.find((part) => !namePart.test(part));
  if (bad !== undefined) throw notGo(`${quote(bad)} cannot be part of a checksum database name`);
  const name = nameParts.join("/");
  const rest = parts.slice(at + 1).join("/");
  const asked = { kind: "sumdb", name, rest, key: path } as const;
  if (op === "lookup") return { ...asked, op, ...parseLookup(rest) };
  if (op === "tile" ? !isTilePath(rest) : parts.length > at + 1) {
    throw notGo(`${quote(rest)} cannot follow /${op} of a checksum database`);
  }
  return { ...asked, op, module: null, version: null };
}

function opOf(part: string): SumdbRequest["op"] | null {
  switch (part) {
    case "supported":
    case "latest":
    case "lookup":
    case "tile":
      return part;
    default:
      return null;
  }
}

function parseLookup(rest: string): { readonly module: string; readonly version: string } {
  const at = rest.indexOf("@");
  if (at < 0) throw notGo(`${quote(rest)} is no lookup of MODULE@VERSION`);
  const module = unescapeModulePath(rest.slice(0, at));
  const version = unescapeVersion(rest.slice(at + 1));
  if (isCanonicalVersion(version)) return { module, version };
  throw new Problem(
    "INVALID_VERSION",
    `The checksum database has canonical versions alone, and ${quote(version)} is none`,
  );
}

function notGo(reason: string): Problem {
  return new Problem("NOT_A_GO_REQUEST", reason, { hint });
}
