import { fields } from "./fields.ts";
import { parseVersion } from "./version.ts";

/**
 * The versions of a `@v/list`: the first word of each line where it is a semantic version, in the order
 * and as often as they stand there, pseudo-versions included; all else is passed over (GO-FACTS G).
 */
export function parseVersionList(text: string): string[] {
  const versions: string[] = [];
  for (const line of text.split("\n")) {
    const version = versionOf(line);
    if (version !== null) versions.push(version);
  }
  return versions;
}

/**
 * True for a body that may be a list of versions: blank, or with at least one version. False for a page,
 * JSON, or any other text that `go` would silently take for "no versions".
 */
export function looksLikeVersionList(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes);
  const start = text.trimStart();
  if (start === "") return true;
  if (start.startsWith("<") || start.startsWith("{") || start.startsWith("[")) return false;
  return text.split("\n").some((line) => versionOf(line) !== null);
}

function versionOf(line: string): string | null {
  const [first = ""] = fields(line);
  return parseVersion(first) === null ? null : first;
}
