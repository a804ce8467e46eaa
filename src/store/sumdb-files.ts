import { join } from "node:path";
import { parseSumdbPath } from "../gomod/parse-sumdb.ts";
import { Problem } from "../kernel/problem.ts";
import type { KeptAnswer } from "../ports/checksum-database.ts";
import type { FileStoreParts } from "./file-store-parts.ts";
import { walkTree } from "./walk-tree.ts";

/** What the cache has of the checksum database `name`, in no set order. STORE_FAILED where it can't be seen. */
export async function* sumdbFiles(
  { disk, folder }: Pick<FileStoreParts, "disk" | "folder">,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<KeptAnswer> {
  const root = `sumdb/${name}`;
  for await (const found of walkTree(disk, join(folder.cache, root), signal)) {
    for (const { key: path } of found) {
      const file = fileOf(name, path);
      if (file !== null) yield file;
    }
  }
}

/** Null for what nobody can ask for, and for what belongs to a database whose name begins with this one. */
function fileOf(name: string, path: string): KeptAnswer | null {
  const key = `sumdb/${name}/${path}`;
  try {
    const request = parseSumdbPath(key);
    const { op } = request;
    return request.name === name && op !== "supported" ? { key, op, path } : null;
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}
