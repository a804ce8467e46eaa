import type { ConfigSources } from "./config-sources.ts";
import { readFailure } from "./find-file.ts";

/** Files that configuration is made of, read once, so that what is built from them is built without waiting. */
export interface ReadFiles {
  /** The text of a file; null where it could not be read. */
  readonly textOf: (path: string) => string | null;
  /** Why a file could not be read; null where it could. */
  readonly failureOf: (path: string) => string | null;
  readonly paths: readonly string[];
}

/** Reads all of the files; a failure is kept, not thrown. */
export async function readFiles(paths: readonly string[], sources: ConfigSources): Promise<ReadFiles> {
  const results = new Map<string, { text: string | null; failure: string | null }>();
  for (const path of new Set(paths)) {
    try {
      const content = await sources.readFile(path);
      const text = content === null ? null : new TextDecoder().decode(content);
      results.set(path, { text, failure: content === null ? "there is no such file" : null });
    } catch (error) {
      results.set(path, { text: null, failure: readFailure(error) });
    }
  }
  return {
    textOf: (path) => results.get(path)?.text ?? null,
    failureOf: (path) => results.get(path)?.failure ?? null,
    paths: [...results.keys()],
  };
}

/**
 * Reads `Name: value` lines; blank lines and those that start with # are passed over. Names become
 * lower-case. In place of headers a message that names the line and shows nothing of it.
 */
export function parseHeadersFile(text: string): Record<string, string> | string {
  const headers: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const match = /^([A-Za-z0-9][\w!#$%&'*+.^`|~-]*):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (match === null) return `line ${index + 1} is no header; want Name: value`;
    headers[(match[1] ?? "").toLowerCase()] = match[2] ?? "";
  }
  return headers;
}

/** The Authorization header of a credentials file: `user:password` becomes Basic, `SCHEME token` stays. A message where it is neither. */
export function parseCredentialsFile(text: string): Record<string, string> | string {
  const line = text.trim();
  if (/[\r\n\0]/.test(line)) return "has more than one line; want user:password, or Bearer TOKEN";
  if (/^[A-Za-z][A-Za-z0-9-]* +\S+$/.test(line)) return { authorization: line };
  if (!/^[^:]+:/.test(line)) return "holds no credentials; want user:password, or Bearer TOKEN";
  return { authorization: `Basic ${Buffer.from(line).toString("base64")}` };
}
