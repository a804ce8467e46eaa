import type { ModuleVersion } from "./module-tree.ts";
import { zipOf } from "./module-zip.ts";

type Maker = (version: ModuleVersion) => Buffer | Promise<Buffer>;

const makers = {
  empty: () => Buffer.alloc(0),
  "html-200": () => Buffer.from("<html><body>Please log in</body></html>\n"),
  "truncated-clean": ({ zip }) => zip.subarray(0, Math.ceil(zip.length / 2)),
  "one-byte-flipped-in-data": flipContent,
  "trailing-garbage": ({ zip }) => Buffer.concat([zip, Buffer.from("trailing garbage")]),
  "prepended-garbage": ({ zip }) => Buffer.concat([Buffer.from("garbage in front"), zip]),
  "wrong-prefix": (version) => renamed(version, (name) => `${version.path}@v1.0.1/${name}`),
  "no-prefix": (version) => renamed(version, (name) => name),
  // The zip writer refuses such names, so it is written in after; same length, and no sum covers names.
  "path-traversal": async (version) =>
    replaceAll(await withFile(version, "aa/bb/evil.go"), "aa/bb/evil.go", "../../evil.go"),
  "case-collision": (version) => withFile(version, upperCaseTwin(version)),
  "no-files": () => zipOf([]),
  "without-go.mod": ({ entries }) => zipOf(entries.filter(({ name }) => !name.endsWith("/go.mod"))),
  "other-go.mod": ({ path, entries }) =>
    zipOf(
      entries.map((entry) =>
        entry.name.endsWith("/go.mod") ? { ...entry, data: Buffer.from(`module ${path}\n\ngo 1.20\n`) } : entry,
      ),
    ),
} satisfies Record<string, Maker>;

/** The spoilt zips of GO-FACTS A.3, by the names of its rows. */
export type BadZip = keyof typeof makers;

/** The zip of a module version, spoilt in one way. */
export async function badZip(version: ModuleVersion, variant: BadZip): Promise<Buffer> {
  return makers[variant](version);
}

async function flipContent({ entries }: ModuleVersion): Promise<Buffer> {
  const zip = await zipOf(entries, { compress: false });
  const largest = [...entries].sort((left, right) => right.data.length - left.data.length)[0];
  if (!largest || largest.data.length === 0) throw new Error("No content to flip a byte of");
  const at = zip.indexOf(largest.data) + Math.floor(largest.data.length / 2);
  zip[at] = (zip[at] ?? 0) ^ 0x01;
  return zip;
}

const prefixOf = ({ path, version }: ModuleVersion): string => `${path}@${version}/`;

function renamed(version: ModuleVersion, rename: (name: string) => string): Promise<Buffer> {
  const cut = prefixOf(version).length;
  return zipOf(version.entries.map(({ name, data }) => ({ name: rename(name.slice(cut)), data })));
}

function withFile(version: ModuleVersion, name: string): Promise<Buffer> {
  return zipOf([...version.entries, { name: prefixOf(version) + name, data: Buffer.from("package evil\n") }]);
}

function upperCaseTwin(version: ModuleVersion): string {
  const file = version.entries
    .map(({ name }) => name.slice(prefixOf(version).length))
    .find((name) => /^[a-z][a-z0-9]*\.go$/.test(name));
  if (!file) throw new Error("No Go file to make a twin of");
  return file.replace(/^./, (letter) => letter.toUpperCase());
}

function replaceAll(bytes: Buffer, from: string, to: string): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + 1)) copy.write(to, at);
  return copy;
}
