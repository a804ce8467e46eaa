import type { GoRequest } from "../gomod/request.ts";
import { Problem } from "../kernel/problem.ts";
import type { ChecksumDatabase } from "../ports/checksum-database.ts";
import type { Store, StoredFile } from "../ports/store.ts";

type LookupRequest = Extract<GoRequest, { readonly kind: "sumdb" }> & {
  readonly op: "lookup";
  readonly module: string;
  readonly version: string;
};

export function isLookup(request: GoRequest): request is LookupRequest {
  return request.kind === "sumdb" && request.op === "lookup" && request.module !== null && request.version !== null;
}

/**
 * What a checksum database says of a version, proved before anybody gets it, and in the cache from then on.
 * MODULE_ABSENT or MODULE_GONE where the database does not know the version; else as ChecksumDatabase.lookup() rejects.
 */
export async function lookUp(
  parts: { readonly databaseNamed: (name: string) => ChecksumDatabase | null; readonly store: Store },
  request: LookupRequest,
  signal: AbortSignal,
): Promise<StoredFile> {
  const { name, module, version, key } = request;
  try {
    await parts.databaseNamed(name)?.lookup(module, version, signal);
  } catch (error) {
    // The client asked the database and not for a file: it gets the database's own answer.
    if (error instanceof Problem && error.code === "SUMDB_UNKNOWN" && error.cause instanceof Problem) throw error.cause;
    throw error;
  }
  const file = await parts.store.find(key);
  if (file === null) throw new Problem("STORE_FAILED", `${key} was proved and could not be kept`);
  return file;
}
