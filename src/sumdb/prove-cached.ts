import { parseSumdbPath } from "../gomod/parse-sumdb.ts";
import { Problem } from "../kernel/problem.ts";
import { parseAskedTile, recordsUnder } from "./asked-tile.ts";
import type { CachedTree } from "./cached-tree.ts";
import { isDataTileOf } from "./data-tile.ts";
import { parseLookupAnswer } from "./lookup-answer.ts";
import { recordHash } from "./merkle.ts";
import { type NoteVerifier, utf8Text } from "./signed-note.ts";
import { tileBytes, tileHeight } from "./tile.ts";
import { openTreeHead, type TreeHead } from "./tree-head.ts";

/** One answer of a checksum database that a cache holds. */
export interface CachedAnswer {
  /** Below the database: `lookup/…`, `tile/…` or `latest`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Proves a cached answer without a network, from the trusted head and the tiles of the same cache. SUMDB_DAMAGED
 * where it is wrong, NOT_IN_CACHE where what would prove it is not there, or reaches beyond the trusted head.
 */
export async function proveCached(tree: CachedTree, verifier: NoteVerifier, answer: CachedAnswer): Promise<void> {
  const { path, bytes } = answer;
  if (path.startsWith("tile/")) return proveTile(tree, path, bytes);
  if (path.startsWith("lookup/")) return proveLookup(tree, verifier, answer);
  const note = utf8Text(bytes);
  const reading = note === null ? null : openTreeHead(note, verifier);
  if (reading?.kind !== "head") throw damaged(`it ${reading?.reason ?? "is no UTF-8"}`);
  await proveHead(tree, reading.head);
}

async function proveTile(tree: CachedTree, path: string, bytes: Uint8Array): Promise<void> {
  const asked = parseAskedTile(path);
  if (asked === null) throw damaged("no tile that a client asks for");
  const { holds, tile } = asked;
  demandReach(tree, recordsUnder(tile));
  const { level, number } = tile;
  const whole = await tree.tileOf({ level: level * tileHeight, number: number * 2 ** tileHeight });
  const hashes = whole.bytes.subarray(0, tileBytes(tile));
  const isRight = holds === "hashes" ? hashes.equals(bytes) : isDataTileOf(bytes, hashes);
  if (!isRight) throw damaged(`it does not hold the ${holds} of the trusted tree`);
}

async function proveLookup(tree: CachedTree, verifier: NoteVerifier, { path, bytes }: CachedAnswer): Promise<void> {
  const { module, version } = parseSumdbPath(`sumdb/${verifier.name}/${path}`);
  const reading = parseLookupAnswer(bytes, { module: module ?? "", version: version ?? "" }, verifier);
  if (reading.kind === "fault") throw damaged(`it ${reading.reason}`);
  const { record, text, head } = reading.answer;
  if (record >= Math.max(head.size, tree.head.size)) {
    throw damaged(`its record ${record} is neither in its own tree of ${head.size} records nor in the trusted one`);
  }
  demandReach(tree, record + 1);
  const leaf = await tree.nodeHash({ level: 0, number: record });
  if (!leaf.equals(recordHash(text))) throw damaged(`its record is not record ${record} of the trusted tree`);
  await proveHead(tree, head);
}

async function proveHead(tree: CachedTree, head: TreeHead): Promise<void> {
  demandReach(tree, head.size);
  if (head.size === tree.head.size && head.root.equals(tree.head.root)) return;
  const root = await tree.rootOfFirst(head.size);
  if (!root.equals(head.root)) throw damaged(`the trusted tree does not begin with its ${head.size} records`);
}

function demandReach(tree: CachedTree, records: number): void {
  if (records <= tree.head.size) return;
  const message = `it takes a tree of ${records} records, and the trusted one has ${tree.head.size}`;
  throw new Problem("NOT_IN_CACHE", message);
}

function damaged(message: string): Problem {
  return new Problem("SUMDB_DAMAGED", message);
}
