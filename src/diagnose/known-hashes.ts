import type { VersionSums } from "./recorded-sums.ts";

/** What the checksum database says of a version. */
export type DatabaseWord =
  | { readonly kind: "known"; readonly name: string; readonly zip: string; readonly mod: string }
  | { readonly kind: "unknown"; readonly name: string }
  /** Off, private, or out of reach, in words that follow "the checksum database was not asked: ". */
  | { readonly kind: "not asked"; readonly why: string };

/** Everything that a version can be compared with. */
export interface KnownHashes {
  readonly sums: VersionSums;
  readonly database: DatabaseWord;
}

/** The hash that a file must have. */
export interface Want {
  readonly h1: string;
  /** `database`: signed and the same for everybody; `go.sum`: what this project has seen first. */
  readonly by: "database" | "go.sum";
  /** Who says so, as messages name it. */
  readonly says: string;
}

/** What the zip or the go.mod must be; null where nobody knows. The checksum database goes before go.sum. */
export function wantOf({ sums, database }: KnownHashes, file: "zip" | "mod"): Want | null {
  if (database.kind === "known") {
    return { h1: database[file], by: "database", says: `the checksum database ${database.name}` };
  }
  const [first] = sums[file];
  return first ? { h1: first.h1, by: "go.sum", says: first.place } : null;
}
