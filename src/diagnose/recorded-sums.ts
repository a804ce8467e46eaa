import { readFile } from "node:fs/promises";
import { type GoSumLine, parseGoSum } from "../gomod/go-sum.ts";
import { Problem } from "../kernel/problem.ts";
import { labelOf, type ModuleVersion } from "./cached-version.ts";

/** A hash that a line of a go.sum has. */
export interface RecordedHash {
  readonly h1: string;
  /** `FILE:LINE`. */
  readonly place: string;
}

/** What go.sum files say of a version, in the order of files and lines: for `go` the first line counts. */
export interface VersionSums {
  readonly zip: readonly RecordedHash[];
  readonly mod: readonly RecordedHash[];
}

export interface RecordedSums {
  readonly files: readonly string[];
  readonly lines: number;
  of(version: ModuleVersion): VersionSums;
}

const nothing: VersionSums = { zip: [], mod: [] };

/** Reads go.sum files. USAGE where one cannot be read, CONFIG_INVALID with the line where one is malformed. */
export async function readRecordedSums(files: readonly string[]): Promise<RecordedSums> {
  const versions = new Map<string, { zip: RecordedHash[]; mod: RecordedHash[] }>();
  let lines = 0;
  for (const file of files) {
    for (const line of parseGoSum(await readText(file), file)) {
      lines++;
      // Of a hash of another kind go says nothing but that it does not know it.
      if (line.hash.startsWith("h1:")) sumsOf(versions, line)[line.kind].push(recorded(file, line));
    }
  }
  return { files, lines, of: (version) => versions.get(labelOf(version)) ?? nothing };
}

function recorded(file: string, { hash, line }: GoSumLine): RecordedHash {
  return { h1: hash, place: `${file}:${line}` };
}

function sumsOf<T>(versions: Map<string, { zip: T[]; mod: T[] }>, line: GoSumLine): { zip: T[]; mod: T[] } {
  const known = versions.get(labelOf(line)) ?? { zip: [], mod: [] };
  versions.set(labelOf(line), known);
  return known;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Problem("USAGE", `Cannot read ${file}: ${reason}`, {
      cause,
      hint: "name a go.sum file, such as ./go.sum",
    });
  }
}
