import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** One entry of a vulnerability database, as a test wants it. */
export interface TestVulnerability {
  readonly id: string;
  readonly module: string;
  readonly summary?: string;
  readonly aliases?: readonly string[];
  /** Versions without v: from the first up to but without the second; null: not fixed. */
  readonly ranges: readonly (readonly [string, string | null])[];
  /** Symbols of the package with the module's own path. */
  readonly symbols?: readonly string[];
}

/** The files of a database with these entries, by path. https://go.dev/doc/security/vuln/database#api */
export function vulndbFiles(
  entries: readonly TestVulnerability[],
  modified = "2026-01-02T03:04:05Z",
): Map<string, string> {
  const files = new Map<string, string>();
  const byModule = Map.groupBy(entries, ({ module }) => module);
  const index = [...byModule].map(([path, ofModule]) => ({
    path,
    vulns: ofModule.map(({ id, ranges }) => ({ id, modified, fixed: ranges.at(-1)?.[1] ?? undefined })),
  }));
  files.set("index/db.json", JSON.stringify({ modified }));
  files.set("index/modules.json", JSON.stringify(index));
  files.set("index/vulns.json", JSON.stringify(entries.map(({ id, aliases = [] }) => ({ id, modified, aliases }))));
  for (const { id, module, summary = "Something is wrong", aliases = [], ranges, symbols } of entries) {
    const events = ranges.flatMap(([introduced, fixed]) =>
      fixed === null ? [{ introduced }] : [{ introduced }, { fixed }],
    );
    const imports = [{ path: module, ...(symbols === undefined ? {} : { symbols }) }];
    const entry = {
      schema_version: "1.3.1",
      id,
      modified,
      published: modified,
      aliases,
      summary,
      details: summary,
      affected: [
        {
          package: { name: module, ecosystem: "Go" },
          ranges: [{ type: "SEMVER", events }],
          ecosystem_specific: { imports },
        },
      ],
      database_specific: { url: `https://pkg.go.dev/vuln/${id}`, review_status: "REVIEWED" },
    };
    files.set(`ID/${id}.json`, JSON.stringify(entry));
  }
  return files;
}

/** Writes them into a folder, as a mirror keeps them. */
export async function writeVulndb(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
