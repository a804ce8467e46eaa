import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BadZip, badZip } from "./bad-zip.ts";
import { hash1 } from "./dirhash.ts";
import { escapeUpper } from "./go-names.ts";
import type { ModuleVersion } from "./module-tree.ts";
import { tamperedTree } from "./tampered-tree.ts";
import { moduleTree } from "./module-tree.ts";

/** Where a module cache keeps a version. https://go.dev/ref/mod#module-cache */
export interface CachePlace {
  readonly version: ModuleVersion;
  /** The path of a file such as `zip` or `ziphash`. */
  readonly file: (kind: string) => string;
  readonly folder: string;
}

export function cachePlace(modCache: string, version: ModuleVersion): CachePlace {
  const path = escapeUpper(version.path);
  const name = escapeUpper(version.version);
  return {
    version,
    file: (kind) => join(modCache, "cache/download", path, "@v", `${name}.${kind}`),
    folder: join(modCache, `${path}@${name}`),
  };
}

type Spoil = (place: CachePlace) => Promise<void>;

/** Each way in which a version of a module cache that a real `go` has filled can be spoilt, and what finds it. */
export const cacheFaults = {
  // What a proxy leaves behind that served an evil zip while nothing was checked.
  "evil zip, with all that go makes of it": { code: "MG1201", spoil: (place) => evilDownload(place, true) },
  "evil zip whose .ziphash names the right hash": { code: "MG1201", spoil: (place) => evilDownload(place, false) },
  "evil tree that outlives its zip": {
    code: "MG1203",
    async spoil(place) {
      await evilTree(place);
      await rm(place.file("zip"));
    },
  },
  "evil tree that outlives its zip and .ziphash": {
    code: "MG1203",
    async spoil(place) {
      await evilTree(place);
      await rm(place.file("zip"));
      await rm(place.file("ziphash"));
    },
  },
  "changed tree": { code: "MG1204", spoil: evilTree },
  "tree with a file too many": {
    code: "MG1204",
    spoil: ({ folder }) => writeFile(join(folder, "zz_evil.go"), "package evil\n"),
  },
  "tree that lacks a file": { code: "MG1204", spoil: ({ folder }) => rm(join(folder, "go.mod")) },
  "changed .mod": {
    code: "MG1205",
    spoil: async (place) =>
      writeFile(place.file("mod"), `${place.version.mod.toString()}\nrequire evil.example/x v1.0.0\n`),
  },
  "forged .ziphash": {
    code: "MG1206",
    spoil: (place) => writeFile(place.file("ziphash"), hash1([{ name: "evil", data: Buffer.from(place.folder) }])),
  },
  "zip that can never be unpacked": { code: "MG1207", spoil: (place) => neverUnpacked(place, "case-collision") },
  "zip that climbs out of its folder": { code: "MG1207", spoil: (place) => neverUnpacked(place, "path-traversal") },
  "half a zip": { code: "MG1207", spoil: (place) => neverUnpacked(place, "truncated-clean") },
  "login page as .mod": {
    code: "MG1208",
    spoil: (place) => writeFile(place.file("mod"), "<html><body>Please log in</body></html>\n"),
  },
} satisfies Record<string, { code: string; spoil: Spoil }>;

export type CacheFault = keyof typeof cacheFaults;

async function evilDownload(place: CachePlace, isHashed: boolean): Promise<void> {
  const evil = await evilVersion(place.version);
  await writeFile(place.file("zip"), evil.zip);
  await writeFile(place.file("ziphash"), isHashed ? evil.zipHash : place.version.zipHash);
  await evilTree(place);
}

/** Unpacked as go would have unpacked the evil zip. */
async function evilTree({ version, folder }: CachePlace): Promise<void> {
  const evil = await evilVersion(version);
  const prefix = `${version.path}@${version.version}/`;
  for (const { name, data } of evil.entries) {
    const path = join(folder, name.slice(prefix.length));
    if ((await readFile(path)).equals(data)) continue;
    await chmod(path, 0o644);
    await writeFile(path, data);
  }
}

async function evilVersion(version: ModuleVersion): Promise<ModuleVersion> {
  const [evil] = (await tamperedTree({ ...(await noModules), versions: [version] }, () => true)).versions;
  if (evil === undefined) throw new Error("No version came back");
  return evil;
}

const noModules = moduleTree([]);

async function neverUnpacked(place: CachePlace, variant: BadZip): Promise<void> {
  const zip = await badZip(place.version, variant);
  await writeFile(place.file("zip"), zip);
  await rm(place.folder, { recursive: true });
}
