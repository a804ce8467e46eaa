import { hash1, hashGoMod, type ZipEntry } from "./dirhash.ts";
import { escapeUpper, isPseudo, newestFirst } from "./go-names.ts";
import { zipOf } from "./module-zip.ts";

/** What a module version is made from; everything but path and version has a default. */
export interface ModuleSource {
  readonly path: string;
  readonly version: string;
  /** Content of go.mod; `module PATH` and `go 1.21` where left out, and no file in the zip where null. */
  readonly goMod?: string | null;
  /** Name below the module's root to content; one package that declares a constant where left out. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** RFC 3339. */
  readonly time?: string;
  /** The Origin object of .info. */
  readonly origin?: unknown;
  /** Branches, tags and commits whose .info answers this version. */
  readonly refs?: readonly string[];
  /** Stored instead of deflated: for large generated data. */
  readonly stored?: boolean;
}

/** The exact bytes that a proxy serves for one version, and its hashes as go.sum writes them. */
export interface ModuleVersion {
  readonly path: string;
  readonly version: string;
  readonly info: Buffer;
  readonly mod: Buffer;
  readonly zip: Buffer;
  readonly entries: readonly ZipEntry[];
  readonly zipHash: string;
  readonly modHash: string;
}

/** What a proxy says to one path. */
export interface TreeAnswer {
  readonly body: Buffer;
  readonly contentType: string;
  /** 200 where left out. */
  readonly status?: number;
}

/** Modules in memory, with all answers of a module proxy. */
export interface ModuleTree {
  readonly versions: readonly ModuleVersion[];
  /** Throws where the tree does not hold it. */
  get(path: string, version: string): ModuleVersion;
  /** What a proxy answers to this URL path (`/example.com/a/@v/list`, escaped or percent-encoded); null: 404. */
  answer(urlPath: string): TreeAnswer | null;
  /** The two lines of go.sum for each named `module@version`; for all of them where none is named. */
  goSum(names?: readonly string[]): string;
}

/** Builds the tree; `@latest` of a module is its newest release, else pre-release, else pseudo-version by time. */
export async function moduleTree(sources: readonly ModuleSource[]): Promise<ModuleTree> {
  const versions: ModuleVersion[] = [];
  const answers = new Map<string, TreeAnswer>();
  const byModule = new Map<string, ModuleVersion[]>();
  for (const source of sources) {
    const built = await build(source);
    versions.push(built);
    byModule.set(source.path, [...(byModule.get(source.path) ?? []), built]);
    const base = `/${escapeUpper(source.path)}/@v`;
    const stem = `${base}/${escapeUpper(source.version)}`;
    answers.set(`${stem}.info`, json(built.info));
    answers.set(`${stem}.mod`, text(built.mod));
    answers.set(`${stem}.zip`, { body: built.zip, contentType: "application/zip" });
    for (const ref of source.refs ?? []) answers.set(`${base}/${escapeUpper(ref)}.info`, json(built.info));
  }
  for (const [path, ofModule] of byModule) {
    const sorted = newestFirst(ofModule);
    const listed = sorted.filter((entry) => !isPseudo(entry.version)).reverse();
    const list = listed.map((entry) => `${entry.version}\n`).join("");
    answers.set(`/${escapeUpper(path)}/@v/list`, text(Buffer.from(list)));
    const latest = sorted[0];
    if (latest) answers.set(`/${escapeUpper(path)}/@latest`, json(latest.info));
  }
  const byName = new Map(versions.map((entry) => [`${entry.path}@${entry.version}`, entry]));
  const named = (name: string): ModuleVersion => {
    const found = byName.get(name);
    if (!found) throw new Error(`The tree has no ${name}`);
    return found;
  };
  return {
    versions,
    get: (path, version) => named(`${path}@${version}`),
    answer: (urlPath) => answers.get(decodePath(urlPath)) ?? null,
    goSum: (names = [...byName.keys()]) => names.map((name) => goSumLines(named(name))).join(""),
  };
}

/** The two lines of go.sum for one version. */
export function goSumLines(version: ModuleVersion): string {
  const { path, version: name, zipHash, modHash } = version;
  return `${path} ${name} ${zipHash}\n${path} ${name}/go.mod ${modHash}\n`;
}

async function build(source: ModuleSource): Promise<ModuleVersion> {
  const { path, version } = source;
  const goMod = source.goMod === undefined ? `module ${path}\n\ngo 1.21\n` : source.goMod;
  const files = source.files ?? { "lib.go": `package ${packageName(path)}\n\nconst Version = "${version}"\n` };
  const contents: Record<string, string | Uint8Array> = goMod === null ? files : { "go.mod": goMod, ...files };
  const entries = Object.entries(contents).map(([name, content]) => ({
    name: `${path}@${version}/${name}`,
    data: typeof content === "string" ? Buffer.from(content) : content,
  }));
  // A module without go.mod is served with one that holds its module line alone.
  const mod = Buffer.from(goMod ?? `module ${path}\n`);
  const info = { Version: version, Time: source.time ?? "2024-01-01T00:00:00Z", Origin: source.origin };
  return {
    path,
    version,
    info: Buffer.from(JSON.stringify(info)),
    mod,
    zip: await zipOf(entries, { compress: !source.stored }),
    entries,
    zipHash: hash1(entries),
    modHash: hashGoMod(mod),
  };
}

/** The package name that an import path gives: its last element that is no major version. */
export function packageName(path: string): string {
  const parts = path.split("/").filter((part) => !/^v[0-9]+$/.test(part));
  return (parts.at(-1) ?? "lib").replace(/[^A-Za-z0-9]/g, "").toLowerCase();
}

function decodePath(urlPath: string): string {
  try {
    return decodeURIComponent(urlPath);
  } catch {
    return urlPath;
  }
}

const json = (body: Buffer): TreeAnswer => ({ body, contentType: "application/json" });
const text = (body: Buffer): TreeAnswer => ({ body, contentType: "text/plain; charset=utf-8" });
