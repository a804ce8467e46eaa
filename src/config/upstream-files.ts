import { absolutePath } from "./find-file.ts";
import { parseCredentialsFile, parseHeadersFile, type ReadFiles } from "./secret-files.ts";
import type { UpstreamDefaults, UpstreamEntry } from "./upstream-schema.ts";

const fileKeys = ["ca", "cert", "key", "headersFile", "credentialsFile"] as const;

type FileKey = (typeof fileKeys)[number];
type WithFiles = Readonly<Partial<Record<FileKey, string>>>;

/** The files that an upstream's settings name, by key, absolute. */
export function filesOf(part: WithFiles, place: { folder: string; homedir: string }): Partial<Record<FileKey, string>> {
  const files: Partial<Record<FileKey, string>> = {};
  for (const key of fileKeys) {
    const text = part[key];
    if (text !== undefined) files[key] = absolutePath(text, place);
  }
  return files;
}

/** Headers from the files of entries and defaults, and what is wrong in those files. */
export interface SecretHeaders {
  readonly headersFor: (entry: string | null) => Readonly<Record<string, string>>;
  /** `path` starts at the entry, or at the key for the defaults. */
  readonly messages: readonly { readonly entry: string | null; readonly key: FileKey; readonly message: string }[];
}

/** Reads the headers and credentials files of every entry; one that could not be read adds nothing. */
export function secretHeadersOf(
  entries: Readonly<Record<string, UpstreamEntry>>,
  defaults: UpstreamDefaults,
  files: ReadFiles,
): SecretHeaders {
  const messages: { entry: string | null; key: FileKey; message: string }[] = [];
  const headers = new Map<string | null, Record<string, string>>();
  for (const [entry, part] of [[null, defaults] as const, ...Object.entries(entries)]) {
    const found: Record<string, string> = {};
    for (const [key, parse] of [
      ["headersFile", parseHeadersFile],
      ["credentialsFile", parseCredentialsFile],
    ] as const) {
      const text = part[key] === undefined ? null : files.textOf(part[key]);
      if (text === null) continue;
      const result = parse(text);
      if (typeof result === "string") messages.push({ entry, key, message: `${part[key]}: ${result}` });
      else Object.assign(found, result);
    }
    headers.set(entry, found);
  }
  return { headersFor: (entry) => headers.get(entry) ?? {}, messages };
}
