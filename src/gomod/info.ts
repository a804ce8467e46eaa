import { Problem } from "../kernel/problem.ts";
import { isCanonicalVersion } from "./version.ts";
import { parseRfc3339 } from "./rfc3339.ts";
import { quote } from "./quote.ts";

/** What an `.info` or `@latest` says. */
export interface Info {
  readonly version: string;
  /** As it was written, RFC 3339; null where left out. */
  readonly time: string | null;
  /** What the version was made of in version control; null where it does not say. */
  readonly origin: InfoOrigin | null;
}

/** A commit, and the tag or branch that led to it. https://pkg.go.dev/cmd/go/internal/modfetch/codehost#Origin */
export interface InfoOrigin {
  /** Such as refs/tags/v1.2.3; null where it does not say. */
  readonly ref: string | null;
  readonly hash: string;
}

const originStrings = new Set(["vcs", "url", "subdir", "hash", "tagprefix", "tagsum", "ref", "reposum"]);

/**
 * Reads an `.info` or `@latest` as `go` does: keys in any case, unknown ones ignored, Time and Origin
 * optional (GO-FACTS A.3 and G). UPSTREAM_DAMAGED with the reason where `go` would refuse it, where it
 * does not repeat `wantVersion`, or, for a query (`wantVersion` null), where it names no canonical
 * version: there `go` believes anything, even an empty answer.
 */
export function parseInfo(bytes: Uint8Array, wantVersion: string | null): Info {
  const info = foldKeys(parseObject(bytes));
  const version = optionalString(info.get("version"), "Version") ?? "";
  const time = optionalString(info.get("time"), "Time");
  if (time !== null && parseRfc3339(time) === null) throw damaged(`its Time ${quote(time)} is no RFC 3339 time`);
  const origin = readOrigin(info.get("origin"));
  if (wantVersion !== null && version !== wantVersion) {
    throw damaged(`it names version ${quote(version)} instead of ${quote(wantVersion)}`);
  }
  if (!isCanonicalVersion(version)) throw damaged(`its Version ${quote(version)} is not canonical`);
  return { version, time, origin };
}

function parseObject(bytes: Uint8Array): object {
  if (bytes.length === 0) throw damaged("it is empty");
  // A byte order mark has to stay, because go refuses it.
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  if (/^\s*</.test(text)) throw damaged(`it is a page that starts with ${quote(text.trim().slice(0, 40))}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged(`it is no JSON but starts with ${quote(text.slice(0, 40))}`, cause);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw damaged("it is no JSON object");
  return value;
}

// Of several spellings of a key the last counts that is not null. Go takes ſ for an s, as Unicode case
// folding does.
function foldKeys(object: object): Map<string, unknown> {
  const entries = Object.entries(object).filter(([, value]) => value !== null);
  return new Map(entries.map(([key, value]) => [key.replaceAll("ſ", "s").toLowerCase(), value]));
}

function optionalString(value: unknown, name: string): string | null {
  if (value === undefined) return null;
  if (typeof value !== "string") throw damaged(`its ${name} is no string`);
  return value;
}

function readOrigin(origin: unknown): InfoOrigin | null {
  if (origin === undefined) return null;
  if (origin === null || typeof origin !== "object" || Array.isArray(origin)) throw damaged("its Origin is no object");
  const texts = new Map<string, string>();
  for (const [key, value] of foldKeys(origin)) {
    const text = originStrings.has(key) ? optionalString(value, `Origin.${key}`) : null;
    if (text !== null && text !== "") texts.set(key, text);
  }
  const hash = texts.get("hash");
  return hash === undefined ? null : { ref: texts.get("ref") ?? null, hash };
}

function damaged(reason: string, cause?: unknown): Problem {
  return new Problem("UPSTREAM_DAMAGED", `The version information cannot be used: ${reason}`, { cause });
}
