interface FindingKind {
  /** An `info` alone leaves the exit code at 0. */
  readonly severity: "error" | "warning" | "info";
  /** What it means, as docs/errors.md prints it. */
  readonly meaning: string;
  /** What to do about it. */
  readonly help: string;
}

const repair = "modgate audit-cache --repair removes what is bad and fetches it anew; --dry-run shows what would go";

/** What `modgate audit-cache` finds, the worst first. docs/errors.md is made from this table and tested equal to it. */
export const cacheFindingCodes = {
  MG1201: {
    severity: "error",
    meaning: "The zip in the module cache is not the one that the checksum database has recorded for the version.",
    help: repair,
  },
  MG1202: {
    severity: "error",
    meaning: "The zip in the module cache is not the one that go.sum has recorded for the version.",
    help: repair,
  },
  MG1203: {
    severity: "error",
    meaning:
      "The zip of the version is gone, and what is unpacked is not what it should be. Builds go on with it, and go mod verify sees it only beside a .ziphash that differs.",
    help: repair,
  },
  MG1204: {
    severity: "error",
    meaning: "What is unpacked differs from the zip: it was changed after it was unpacked, and builds use it as it is.",
    help: repair,
  },
  MG1205: {
    severity: "error",
    meaning: "The cached go.mod is not the one that the checksum database or go.sum has recorded for the version.",
    help: repair,
  },
  MG1206: {
    severity: "error",
    meaning:
      "The .ziphash, which go believes in place of the zip, is not the hash of the zip: it was forged, or is no hash.",
    help: repair,
  },
  MG1207: {
    severity: "error",
    meaning: "The zip can never be unpacked: it is damaged, or breaks a rule of module zips. go fails on it for ever.",
    help: repair,
  },
  MG1208: {
    severity: "error",
    meaning: "The cached .mod or .info is none: a login page, half an answer, or one about another version.",
    help: repair,
  },
  MG1209: {
    severity: "error",
    meaning: "A go.sum contradicts the checksum database, or another line of a go.sum.",
    help: "find out who wrote the line; delete it, and let `go mod tidy` write it anew with the checksum database on",
  },
  MG1210: {
    severity: "error",
    meaning: "A file of the module cache could not be read, so nothing is known of it.",
    help: "check its permissions and the disk",
  },
  MG1211: {
    severity: "warning",
    meaning: "The checksum database could not be asked, so what go.sum does not name was compared with nothing.",
    help: "run it again where the database can be reached; --sumdb off does without it",
  },
  MG1212: {
    severity: "info",
    meaning:
      "Nothing that could be asked has a record of the version: it is whole, and nobody can say whether it is right.",
    help: "name the go.sum of a module that uses it, or let the checksum database be asked",
  },
} as const satisfies Record<string, FindingKind>;

export type CacheFindingCode = keyof typeof cacheFindingCodes;
