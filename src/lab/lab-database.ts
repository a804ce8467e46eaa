import { escapeModulePath, escapeVersion } from "../gomod/path.ts";
import { parseTilePath } from "../gomod/tile-path.ts";
import { type LabModule, sumLines } from "./lab-module.ts";
import type { LoopbackAnswer } from "./loopback-server.ts";
import { newSigningKey, noteSigner } from "../sumdb/note-signer.ts";
import { RecordTree } from "./record-tree.ts";

/** A checksum database of the lab's own, which the real `go` verifies. https://go.dev/ref/mod#checksum-database */
export interface LabDatabase {
  readonly name: string;
  /** `NAME+HASH+KEY`, as GOSUMDB takes it. */
  readonly key: string;
  /** Records the version's hashes for good; the tree head that is signed from now on covers them. */
  record(module: LabModule): void;
  /** What the database answers at the root of a server; null is 404. */
  answer(path: string): LoopbackAnswer | null;
}

/** Makes an empty database with a key that nobody else has. */
export function makeLabDatabase(name: string): LabDatabase {
  const signer = noteSigner(newSigningKey(name));
  const tree = new RecordTree();
  const numbers = new Map<string, number>();
  const head = (): string =>
    signer.sign(`go.sum database tree\n${tree.records.length}\n${tree.root().toString("base64")}\n`);
  return {
    name,
    key: signer.verifierKey,
    record(module) {
      numbers.set(`${escapeModulePath(module.path)}@${escapeVersion(module.version)}`, tree.append(sumLines(module)));
    },
    answer(path) {
      if (path === "/supported") return text("");
      if (path === "/latest") return text(head());
      const number = path.startsWith("/lookup/") ? numbers.get(path.slice("/lookup/".length)) : undefined;
      if (number !== undefined) return text(`${number}\n${tree.records[number]}\n${head()}`);
      return path.startsWith("/tile/") ? tileAt(tree, path.slice("/tile/".length)) : null;
    },
  };
}

/** The database of a lab that records these versions, in their order. */
export function labDatabaseOf(modules: readonly LabModule[]): LabDatabase {
  const database = makeLabDatabase("sum.lab.example");
  for (const module of modules) database.record(module);
  return database;
}

function tileAt(tree: RecordTree, path: string): LoopbackAnswer | null {
  const tile = parseTilePath(path);
  if (tile === null || tile.height !== 8 || tile.level === "data") return null;
  const body = tree.tile(tile.level, tile.number, tile.width);
  return body && { body, contentType: "application/octet-stream" };
}

function text(body: string): LoopbackAnswer {
  return { body: Buffer.from(body), contentType: "text/plain; charset=utf-8" };
}
