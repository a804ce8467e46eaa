import { Problem } from "../kernel/problem.ts";

/** What is looked up, and where. */
export interface Wanted {
  /** The name of the database. */
  readonly database: string;
  readonly module: string;
  readonly version: string;
  /** Below the database, and below its name in the cache. */
  readonly path: string;
}

/** SUMDB_DAMAGED: the answer is none; `reason` follows "answered with what". */
export function noAnswer(wanted: Wanted, bytes: Uint8Array, reason: string): Problem {
  const message = `The checksum database ${wanted.database} answered ${wanted.path} with what ${reason}`;
  return new Problem("SUMDB_DAMAGED", message, { evidence: evidenceOf(wanted, bytes) });
}

/** SUMDB_DAMAGED: the answer is signed, and its record not in the tree under `head`. */
export function notInTree(wanted: Wanted, bytes: Uint8Array, head: string): Problem {
  const message = `The checksum database ${wanted.database} answered ${wanted.path} with a record that is not in its signed tree`;
  return new Problem("SUMDB_DAMAGED", message, { evidence: { ...evidenceOf(wanted, bytes), head } });
}

/** SUMDB_UNKNOWN, with what the database said. */
export function unknownVersion({ database, module, version }: Wanted, cause: Problem): Problem {
  const message = `The checksum database ${database} does not know ${module}@${version}, so nothing proves its files`;
  return new Problem("SUMDB_UNKNOWN", message, { tried: cause.tried, cause });
}

function evidenceOf({ database, path }: Wanted, bytes: Uint8Array): Record<string, unknown> {
  return { database, path, got: Buffer.from(bytes.subarray(0, 16 * 1024)).toString("base64") };
}
