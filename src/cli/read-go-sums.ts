import { readFile } from "node:fs/promises";
import { parseGoSum } from "../gomod/go-sum.ts";
import { Problem } from "../kernel/problem.ts";
import { fileTrouble } from "./file-trouble.ts";

/** A version that go.sum files name, and whether its zip is among what they name. */
export interface SumVersion {
  readonly module: string;
  readonly version: string;
  /** False where only its go.mod is needed. */
  readonly hasZip: boolean;
}

/** The versions of the go.sum files, each once. USAGE where one can't be read, CONFIG_INVALID with the line where one is malformed. */
export async function readGoSums(paths: readonly string[]): Promise<readonly SumVersion[]> {
  const versions = new Map<string, SumVersion>();
  for (const path of paths) {
    for (const { module, version, kind } of parseGoSum(await readText(path), path)) {
      const name = `${module}@${version}`;
      versions.set(name, { module, version, hasZip: kind === "zip" || (versions.get(name)?.hasZip ?? false) });
    }
  }
  return [...versions.values()];
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new Problem("USAGE", `Cannot read ${path}: ${fileTrouble(cause)}`, {
      cause,
      hint: "name a go.sum file, such as ./go.sum",
    });
  }
}
