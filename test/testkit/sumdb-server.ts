import { createHash } from "node:crypto";
import { goSumLines, type ModuleTree } from "./module-tree.ts";
import { escapeUpper } from "./go-names.ts";
import { HashTree, tileNumber } from "./hash-tree.ts";
import { noteSigner, type NoteSigner } from "./signed-note.ts";
import type { Responder } from "./upstream-server.ts";

/** A signed checksum database over the modules of a tree, good enough for the real `go`. */
export interface TestSumdb extends Responder {
  readonly name: string;
  /** The value of GOSUMDB: `name+hash+key`. */
  readonly key: string;
  /** Records in the tree. */
  readonly size: number;
  /** Adds records for what another tree has; the tree head grows. */
  add(tree: ModuleTree): void;
  /** Adds invented records up to this size. */
  growTo(size: number): void;
  /** Signs the tree of the first `size` records, all of them where left out. */
  head(size?: number): string;
  /** What a lookup of the record says, with the head of the first `size` records. */
  lookup(record: number, size?: number): string;
  /** As a Responder at the root of a server, for `GOSUMDB="key url"`. */
  readonly atRoot: Responder;
}

export interface SumdbOptions {
  readonly name?: string;
  /** Filled up with invented records to this size: 343 gives the tiles that GO-FACTS B.2 shows. */
  readonly padTo?: number;
  /** Leaves these `module@version` out. */
  readonly without?: readonly string[];
  /** Signs; a key of its own where left out. The name is the signer's then. */
  readonly signer?: NoteSigner;
  /** When the invented record of this number was made, in milliseconds since 1970: its version bears that time. */
  readonly fillerAt?: (number: number) => number;
  /** Invented records from this one on say something else: another history, which the same signer may sign. */
  readonly otherFrom?: number;
}

/** Makes the database; it answers under `/sumdb/NAME/`. https://go.dev/ref/mod#checksum-database */
export function testSumdb(tree: ModuleTree, options: SumdbOptions = {}): TestSumdb {
  const signer = options.signer ?? noteSigner(options.name ?? "localhost.localdev/sumdb");
  const { name } = signer;
  const hashes = new HashTree();
  const records: string[] = [];
  const ids = new Map<string, number>();

  const append = (key: string, text: string): void => {
    ids.set(key, records.length);
    records.push(text);
    hashes.append(Buffer.from(text));
  };
  const addTree = (source: ModuleTree): void => {
    for (const version of source.versions) {
      const label = `${version.path}@${version.version}`;
      if (options.without?.includes(label) || ids.has(escapeUpper(label))) continue;
      append(escapeUpper(label), goSumLines(version));
    }
  };
  const addFiller = (number: number): void => {
    const isOther = number >= (options.otherFrom ?? Infinity);
    const atMs = options.fillerAt?.(number) ?? null;
    const stamp = atMs === null ? null : new Date(atMs).toISOString().replace(/\.\d+Z$|[-T:]/g, "");
    const version = stamp === null ? "v1.0.0" : `v0.0.0-${stamp}-abcdefabcdef`;
    append(`filler.example/m${number}@${version}`, fillerLines({ number, version, isOther }));
  };
  for (let filler = tree.versions.length; filler < (options.padTo ?? 0); filler++) addFiller(filler);
  addTree(tree);

  const head = (size = hashes.size): string =>
    signer.sign(`go.sum database tree\n${size}\n${hashes.root(size).toString("base64")}\n`);
  const lookup = (record: number, size?: number): string => `${record}\n${records[record]}\n${head(size)}`;
  const answerBelow = (path: string): { body: Buffer; contentType: string } | null => {
    if (path === "supported") return { body: Buffer.alloc(0), contentType: "text/plain; charset=utf-8" };
    if (path === "latest") return text(head());
    if (path.startsWith("lookup/")) {
      const id = ids.get(path.slice("lookup/".length));
      return id === undefined ? null : text(lookup(id));
    }
    const data = /^tile\/8\/data\/([x0-9/]+?)(?:\.p\/([0-9]+))?$/.exec(path);
    if (data) {
      const start = tileNumber(data[1] ?? "0") * 256;
      const block = records.slice(start, start + Number(data[2] ?? 256));
      const isWhole = block.length === Number(data[2] ?? 256);
      return isWhole ? text(block.map((record) => `${record}\n`).join("")) : null;
    }
    const tile = path.startsWith("tile/8/") ? hashes.tile(path.slice("tile/8/".length)) : null;
    return tile && { body: tile, contentType: "application/octet-stream" };
  };
  const under = (prefix: string): Responder => ({
    answer: (path) => (path.startsWith(prefix) ? answerBelow(path.slice(prefix.length)) : null),
  });
  return {
    name,
    key: signer.verifierKey,
    get size() {
      return records.length;
    },
    add: addTree,
    growTo(size) {
      while (records.length < size) addFiller(records.length);
    },
    head,
    lookup,
    answer: (path) => under(`/sumdb/${name}/`).answer(path),
    atRoot: under("/"),
  };
}

/** The record of an invented module: hashes that are none of anything. */
function fillerLines({
  number,
  version,
  isOther,
}: {
  readonly number: number;
  readonly version: string;
  readonly isOther: boolean;
}): string {
  const hash = (kind: string): string => createHash("sha256").update(`${number} ${kind} ${isOther}`).digest("base64");
  const module = `filler.example/m${number}`;
  return `${module} ${version} h1:${hash("zip")}\n${module} ${version}/go.mod h1:${hash("mod")}\n`;
}

const text = (body: string): { body: Buffer; contentType: string } => ({
  body: Buffer.from(body),
  contentType: "text/plain; charset=utf-8",
});
