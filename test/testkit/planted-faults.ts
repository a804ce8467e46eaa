import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { badZip } from "./bad-zip.ts";
import type { ModuleVersion } from "./module-tree.ts";

/** Spoils one version in a module cache. */
type Plant = (place: Place, version: ModuleVersion, evil: ModuleVersion) => Promise<void>;

interface Place {
  /** The folder that the version is unpacked into. */
  readonly folder: string;
  file(kind: "info" | "mod" | "zip" | "ziphash"): string;
}

/** Each way to spoil a version, and the finding that names it. */
export const plantedFaults: readonly { readonly name: string; readonly code: string; readonly plant: Plant }[] = [
  {
    name: "another zip, unpacked, with its own .ziphash",
    code: "MG1201",
    async plant(place, _, evil) {
      await writeFile(place.file("zip"), evil.zip);
      await writeFile(place.file("ziphash"), evil.zipHash);
      await unpack(place.folder, evil);
    },
  },
  {
    name: "another zip behind the right .ziphash",
    code: "MG1201",
    plant: (place, _, evil) => writeFile(place.file("zip"), evil.zip),
  },
  {
    name: "another zip, unpacked, with a .ziphash forged to name the right one",
    code: "MG1201",
    async plant(place, _, evil) {
      await writeFile(place.file("zip"), evil.zip);
      await unpack(place.folder, evil);
    },
  },
  {
    name: "a forged .ziphash",
    code: "MG1206",
    plant: (place, _, evil) => writeFile(place.file("ziphash"), evil.zipHash),
  },
  { name: "an unpacked file that was edited", code: "MG1204", plant: (place) => edit(place.folder) },
  {
    name: "an unpacked file too many",
    code: "MG1204",
    async plant({ folder }) {
      await chmod(folder, 0o755);
      await writeFile(join(folder, "zz.go"), "package evil\n");
    },
  },
  {
    name: "an unpacked file too few",
    code: "MG1204",
    async plant({ folder }) {
      await chmod(folder, 0o755);
      await rm(join(folder, "go.mod"));
    },
  },
  {
    name: "evil code that outlives its zip",
    code: "MG1203",
    async plant(place, _, evil) {
      await unpack(place.folder, evil);
      await rm(place.file("zip"));
      await writeFile(place.file("ziphash"), evil.zipHash);
    },
  },
  {
    name: "evil code that outlives its zip, behind the right .ziphash",
    code: "MG1203",
    async plant(place, _, evil) {
      await unpack(place.folder, evil);
      await rm(place.file("zip"));
    },
  },
  {
    name: "evil code that outlives its zip and .ziphash",
    code: "MG1203",
    async plant(place, _, evil) {
      await unpack(place.folder, evil);
      await rm(place.file("zip"));
      await rm(place.file("ziphash"));
    },
  },
  {
    name: "a zip that is cut off",
    code: "MG1207",
    plant: (place, version) => neverUnpacked(place, version.zip.subarray(0, version.zip.length - 30)),
  },
  {
    name: "a zip that can never be unpacked",
    code: "MG1207",
    plant: async (place, version) => neverUnpacked(place, await badZip(version, "case-collision")),
  },
  {
    name: "a zip that climbs out of its folder",
    code: "MG1207",
    plant: async (place, version) => neverUnpacked(place, await badZip(version, "path-traversal")),
  },
  {
    name: "a login page as .mod",
    code: "MG1208",
    plant: (place) => writeFile(place.file("mod"), "<!DOCTYPE html><title>Log in</title>"),
  },
  {
    name: "a .mod with another requirement",
    code: "MG1205",
    plant: (place, { mod }) => writeFile(place.file("mod"), `${mod.toString()}\nrequire evil.example/x v1.0.0\n`),
  },
  {
    name: "a page as .info",
    code: "MG1208",
    plant: (place) => writeFile(place.file("info"), "<html>not found</html>"),
  },
];

/** Where a module cache has a version. */
export function placeIn(modCache: string, { path, version }: ModuleVersion): Place {
  return {
    folder: join(modCache, `${path}@${version}`),
    file: (kind) => join(modCache, "cache/download", path, "@v", `${version}.${kind}`),
  };
}

async function neverUnpacked(place: Place, zip: Buffer): Promise<void> {
  await remove(place.folder);
  await writeFile(place.file("zip"), zip);
}

async function unpack(folder: string, { entries }: ModuleVersion): Promise<void> {
  await makeWritable(folder);
  for (const { name, data } of entries) {
    const path = join(folder, name.slice(name.indexOf("@")).replace(/^[^/]*\//, ""));
    await writeFile(path, data);
  }
}

async function edit(folder: string): Promise<void> {
  await makeWritable(folder);
  const name = (await readdir(folder)).find((one) => one.endsWith(".go")) ?? "go.mod";
  await writeFile(join(folder, name), `${await readFile(join(folder, name), "utf8")}// edited\n`);
}

async function remove(folder: string): Promise<void> {
  await makeWritable(folder);
  await rm(folder, { recursive: true });
}

/** go makes what it unpacks read-only. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
    else await chmod(join(folder, entry.name), 0o644);
  }
}
