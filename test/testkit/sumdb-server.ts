import { goSumLines, type ModuleTree } from "./module-tree.ts";
import { escapeUpper } from "./go-names.ts";
import { HashTree, tileNumber } from "./hash-tree.ts";
import { noteSigner } from "./signed-note.ts";
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
  /** As a Responder at the root of a server, for `GOSUMDB="key url"`. */
  readonly atRoot: Responder;
}

export interface SumdbOptions {
  readonly name?: string;
  /** Filled up with invented records to this size: 343 gives the tiles that GO-FACTS B.2 shows. */
  readonly padTo?: number;
  /** Leaves these `module@version` out. */
  readonly without?: readonly string[];
}

/** Makes the database; it answers under `/sumdb/NAME/`. https://go.dev/ref/mod#checksum-database */
export function testSumdb(tree: ModuleTree, options: SumdbOptions = {}): TestSumdb {
  const name = options.name ?? "localhost.localdev/sumdb";
  const signer = noteSigner(name);
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
  for (let filler = tree.versions.length; filler < (options.padTo ?? 0); filler++) {
    append(`filler.example/m${filler}@v1.0.0`, `filler.example/m${filler} v1.0.0 h1:${"A".repeat(43)}=\n`);
  }
  addTree(tree);

  const head = (): string => signer.sign(`go.sum database tree\n${hashes.size}\n${hashes.root().toString("base64")}\n`);
  const answerBelow = (path: string): { body: Buffer; contentType: string } | null => {
    if (path === "supported") return { body: Buffer.alloc(0), contentType: "text/plain; charset=utf-8" };
    if (path === "latest") return text(head());
    if (path.startsWith("lookup/")) {
      const id = ids.get(path.slice("lookup/".length));
      return id === undefined ? null : text(`${id}\n${records[id]}\n${head()}`);
    }
    const data = /^tile\/8\/data\/([x0-9/]+?)(?:\.p\/([0-9]+))?$/.exec(path);
    if (data) {
      const start = tileNumber(data[1] ?? "0") * 256;
      const block = records.slice(start, start + Number(data[2] ?? 256));
      return block.length === 0 ? null : text(block.join("\n"));
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
    answer: (path) => under(`/sumdb/${name}/`).answer(path),
    atRoot: under("/"),
  };
}

const text = (body: string): { body: Buffer; contentType: string } => ({
  body: Buffer.from(body),
  contentType: "text/plain; charset=utf-8",
});
