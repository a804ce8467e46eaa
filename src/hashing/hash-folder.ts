import { createHash, hash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { Problem } from "../kernel/problem.ts";
import { type FileHash, h1Of } from "../gomod/h1.ts";
import type { FolderToHash, Hashed } from "../ports/hasher.ts";
import type { Checkpoint } from "./hash-content.ts";

const pieceBytes = 1024 * 1024;
// Read into by one file after another; each thread has its own.
let piece: Buffer | null = null;

/**
 * The h1 of what a folder holds now: every file below it, links followed as Go follows them. UPSTREAM_DAMAGED where it
 * holds what no unpacked module does: a name that is not UTF-8, a pipe, a link that leads to a folder or nowhere.
 * Blocks its thread.
 */
export function hashFolder({ module, version, path }: FolderToHash, checkpoint: Checkpoint): Hashed {
  const label = `${module}@${version}`;
  const found: FileHash[] = [];
  let bytes = 0;
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    checkpoint();
    for (const entry of readdirSync(join(path, folder), { withFileTypes: true, encoding: "buffer" })) {
      const name = below(folder, entry.name, label);
      if (entry.isDirectory()) waiting.push(name);
      else {
        // A pipe would be waited for until somebody writes into it.
        const isRegular = entry.isFile() || statSync(join(path, name), { throwIfNoEntry: false })?.isFile();
        if (!isRegular) throw damaged(label, `${JSON.stringify(name)} is no regular file`);
        const file = hashFile(join(path, name), checkpoint);
        bytes += file.bytes;
        found.push({ name: `${label}/${sep === "/" ? name : name.replaceAll(sep, "/")}`, sha256: file.sha256 });
      }
    }
  }
  return { h1: h1Of(found), files: found.length, bytes };
}

function below(folder: string, name: Buffer, label: string): string {
  const text = name.toString("utf8");
  if (!Buffer.from(text).equals(name)) throw damaged(label, `it has the file name ${JSON.stringify(text)}, not UTF-8`);
  return folder === "" ? text : `${folder}${sep}${text}`;
}

function hashFile(path: string, checkpoint: Checkpoint): { sha256: string; bytes: number } {
  const descriptor = openSync(path, "r");
  try {
    piece ??= Buffer.allocUnsafeSlow(pieceBytes);
    const first = readSync(descriptor, piece, 0, pieceBytes, null);
    if (first < pieceBytes) return { sha256: hash("sha256", piece.subarray(0, first), "hex"), bytes: first };
    const sha256 = createHash("sha256");
    let bytes = 0;
    for (let count = first; count > 0; count = readSync(descriptor, piece, 0, pieceBytes, null)) {
      sha256.update(piece.subarray(0, count));
      bytes += count;
      checkpoint();
    }
    return { sha256: sha256.digest("hex"), bytes };
  } finally {
    closeSync(descriptor);
  }
}

function damaged(label: string, reason: string): Problem {
  return new Problem("UPSTREAM_DAMAGED", `The folder of ${label} is damaged: ${reason}`);
}
