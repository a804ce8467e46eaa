import { hash1 } from "./dirhash.ts";
import type { ModuleTree, ModuleVersion } from "./module-tree.ts";
import { zipOf } from "./module-zip.ts";

/** The same tree, with a line of evil added to the first Go file of each chosen version's zip: a sound zip, and not the one. */
export async function tamperedTree(tree: ModuleTree, isChosen: (index: number) => boolean): Promise<ModuleTree> {
  const versions = await Promise.all(
    tree.versions.map(async (version, index) => (isChosen(index) ? tampered(version) : version)),
  );
  const zips = new Map(versions.map((version, index) => [tree.versions[index]?.zip, version.zip]));
  return {
    ...tree,
    versions,
    get(path, version) {
      const found = versions.find((one) => one.path === path && one.version === version);
      return found ?? tree.get(path, version);
    },
    answer(urlPath) {
      const answer = tree.answer(urlPath);
      const zip = answer && zips.get(answer.body);
      return zip ? { ...answer, body: zip } : answer;
    },
  };
}

async function tampered(version: ModuleVersion): Promise<ModuleVersion> {
  const chosen = version.entries.find(({ name }) => name.endsWith(".go"));
  if (chosen === undefined) throw new Error(`${version.path} has no Go file`);
  const evil = Buffer.concat([chosen.data, Buffer.from("\nvar Evil = true\n")]);
  const entries = version.entries.map((entry) => (entry === chosen ? { ...entry, data: evil } : entry));
  return { ...version, entries, zip: await zipOf(entries), zipHash: hash1(entries) };
}
