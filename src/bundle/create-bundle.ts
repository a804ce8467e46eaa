import { modKey, infoKey, zipKey } from "../gomod/keys.ts";
import { vulndbKey } from "../gomod/parse-vulndb.ts";
import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import { Problem } from "../kernel/problem.ts";
import type { ChecksumDatabase } from "../ports/checksum-database.ts";
import type { StoredFile } from "../ports/store.ts";
import { sizeOfHead } from "../sumdb/proof-tiles.ts";
import { wholeOf } from "./read-bundle.ts";
import { gatherProofs } from "./gather-proofs.ts";
import { digestOf, type Manifest } from "./manifest.ts";
import { type BundleContent, describeFiles } from "./write-bundle.ts";

/** A version that a bundle is to have. */
export interface BundledVersion {
  readonly module: string;
  readonly version: string;
  /** False where only its go.mod is needed. */
  readonly hasZip: boolean;
}

/** What a bundle is made with. */
export interface BundleSource {
  /** The file at a key of the file tree, proved; rejects with what the gateway says where it can't be had. */
  readonly fetch: (key: string) => Promise<StoredFile>;
  /** Null where no database knows the module. */
  readonly databaseOf: (module: string) => ChecksumDatabase | null;
  /** h1 of a version's file, computed anew. */
  readonly hashOf: (version: BundledVersion, file: "mod" | "zip", content: StoredFile) => Promise<string>;
  /** The vulnerability database is to be in it too. */
  readonly hasVulndb: boolean;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** The bundle that this one is a delta to. */
export interface EarlierBundle {
  readonly json: Buffer;
  readonly manifest: Manifest;
}

type BundledFiles = Map<"info" | "mod" | "zip", StoredFile>;

/**
 * Gathers the versions' files and everything that proves them. What an earlier bundle has is left out, but proved anew
 * together with the rest, so that its versions stay provable under the new tree head. Rejects with the Problems of all
 * files that can't be had, in one; else as gatherProofs().
 */
export async function createBundle(
  source: BundleSource,
  versions: readonly BundledVersion[],
  earlier: EarlierBundle | null,
): Promise<{ readonly manifest: Manifest; readonly content: BundleContent }> {
  const fetched = await fetchAll(source, versions);
  const byDatabase = Map.groupBy(versions, ({ module }) => source.databaseOf(module));
  const databases: Manifest["databases"] = [];
  const modules: Manifest["modules"] = [];
  const content = new Map<string, Buffer | StoredFile>();
  for (const [database, ofDatabase] of byDatabase) {
    const proofs = database && (await proveAll(source, database, { versions: ofDatabase, earlier }));
    if (database && proofs) databases.push({ name: database.name, head: proofs.head });
    for (const [key, bytes] of proofs?.files ?? []) content.set(key, bytes);
    for (const version of ofDatabase) {
      const name = `${version.module}@${version.version}`;
      const files = fetched.get(name) ?? new Map<never, never>();
      const proved = proofs?.hashes.get(name) ?? (await hashesOf(source, version, files));
      const { zip, mod } = proved;
      const { module, version: number, hasZip } = version;
      modules.push({ module, version: number, zip: hasZip ? zip : null, mod, database: database?.name ?? null });
    }
  }
  for (const [name, files] of [...fetched].sort(([one], [other]) => (one < other ? -1 : 1)))
    for (const file of files.values()) content.set(file.key, checked(file, name));
  if (source.hasVulndb) for (const file of await fetchVulndb(source)) content.set(file.key, file);
  const inherited = new Map(
    earlier?.manifest.files.filter(({ path }) => !path.startsWith("sumdb/")).map((file) => [file.path, file]),
  );
  const manifest: Manifest = {
    format: 1,
    createdAt: new Date(source.nowMs).toISOString(),
    since: earlier === null ? null : digestOf(earlier.json),
    databases,
    modules,
    files: await describeFiles(content, inherited),
  };
  return { manifest, content };
}

/** Versions that only the earlier bundle has are proved under the new tree head too. */
async function proveAll(
  { signal }: BundleSource,
  database: ChecksumDatabase,
  { versions, earlier }: { readonly versions: readonly BundledVersion[]; readonly earlier: EarlierBundle | null },
): ReturnType<typeof gatherProofs> {
  const before = earlier?.manifest.modules.filter((one) => one.database === database.name) ?? [];
  const all = new Map(
    [...before, ...versions].map(({ module, version }) => [`${module}@${version}`, { module, version }]),
  );
  const heads = earlier?.manifest.databases.filter(({ name }) => name === database.name) ?? [];
  const olderSizes = heads.flatMap(({ head }) => sizeOfHead(head) ?? []);
  return gatherProofs(database, [...all.values()], { olderSizes, signal });
}

async function fetchAll(
  source: BundleSource,
  versions: readonly BundledVersion[],
): Promise<ReadonlyMap<string, BundledFiles>> {
  const fetched = new Map<string, BundledFiles>();
  const failures: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let one = versions[next++]; one !== undefined; one = versions[next++]) {
      const [module, version] = [escapeModulePath(one.module), escapeVersion(one.version)];
      const files: BundledFiles = new Map();
      const keys = one.hasZip ? ({ info: infoKey, mod: modKey, zip: zipKey } as const) : ({ mod: modKey } as const);
      for (const [kind, keyOf] of Object.entries(keys)) {
        source.signal.throwIfAborted();
        try {
          files.set(kind as "info" | "mod" | "zip", await source.fetch(keyOf(module, version)));
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          failures.push(`${one.module}@${one.version} (.${kind}): ${error.message}`);
        }
      }
      fetched.set(`${one.module}@${one.version}`, files);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  if (failures.length === 0) return fetched;
  throw new Problem("UPSTREAM_UNREACHABLE", `${failures.length} files cannot be had, so no bundle was made`, {
    tried: failures.slice(0, 20),
    hint: "a bundle with gaps would break the build where nobody can mend it; `modgate cache prefetch` tries again",
  });
}

/** The indexes, and every entry that they name. */
async function fetchVulndb({ fetch, signal }: BundleSource): Promise<StoredFile[]> {
  const indexes = await Promise.all(["db", "modules", "vulns"].map((name) => fetch(vulndbKey(`index/${name}.json`))));
  const listed: unknown = JSON.parse((await wholeFile(indexes[2])).toString());
  const ids = (Array.isArray(listed) ? listed : []).map((one: { id?: unknown }) => String(one.id)).sort();
  const files = [...indexes];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let id = ids[next++]; id !== undefined; id = ids[next++]) {
      signal.throwIfAborted();
      files.push(await fetch(vulndbKey(`ID/${id}.json`)));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return files.sort((one, other) => (one.key < other.key ? -1 : 1));
}

function wholeFile(file: StoredFile | undefined): Promise<Buffer> {
  return file === undefined ? Promise.resolve(Buffer.from("[]")) : wholeOf(file.bytes ? [file.bytes] : file.stream());
}

async function hashesOf(
  { hashOf }: BundleSource,
  version: BundledVersion,
  files: BundledFiles,
): Promise<{ readonly zip: string | null; readonly mod: string }> {
  const mod = files.get("mod");
  const zip = files.get("zip");
  if (mod === undefined) throw new TypeError(`${version.module}@${version.version} was fetched without its go.mod`);
  return {
    mod: await hashOf(version, "mod", mod),
    zip: zip === undefined ? null : await hashOf(version, "zip", zip),
  };
}

function checked(file: StoredFile, name: string): StoredFile {
  if (file.size > 0) return file;
  throw new Problem("STORE_FAILED", `${file.key} of ${name} is empty`);
}
