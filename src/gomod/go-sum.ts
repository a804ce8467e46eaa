import { Problem } from "../kernel/problem.ts";
import { fields } from "./fields.ts";
import { checkModulePath } from "./path.ts";
import { quote } from "./quote.ts";
import { isCanonicalVersion } from "./version.ts";

/** One line of a go.sum: the hash of a version's zip, or of its go.mod. */
export interface GoSumLine {
  readonly module: string;
  readonly version: string;
  readonly kind: "zip" | "mod";
  /** With its algorithm, such as `h1:…=`. */
  readonly hash: string;
  /** Its number in the file, from 1. */
  readonly line: number;
}

// What an old bug of go wrote for modules without go.mod; go drops such lines too.
const emptyModHash = "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=";

/**
 * The lines of a go.sum or go.work.sum, in order. CONFIG_INVALID with `fileName:line` for a line that has
 * not three words, or names no module or canonical version. https://go.dev/ref/mod#go-sum-files
 */
export function parseGoSum(text: string, fileName: string): GoSumLine[] {
  const lines: GoSumLine[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const words = fields(line);
    if (words.length === 0 || words[2] === emptyModHash) continue;
    lines.push({ ...parseLine(words, `${fileName}:${index + 1}`), line: index + 1 });
  }
  return lines;
}

/** True for `h1:` and the 32 bytes of a hash in base64, written in its one way. https://go.dev/ref/mod#go-sum-files */
export function isModuleHash(hash: string): boolean {
  const base64 = hash.startsWith("h1:") ? hash.slice(3) : "";
  const bytes = Buffer.from(base64, "base64");
  return bytes.length === 32 && bytes.toString("base64") === base64;
}

function parseLine(words: readonly string[], place: string): Omit<GoSumLine, "line"> {
  const [module, versionAndFile, hash, ...more] = words;
  if (module === undefined || versionAndFile === undefined || hash === undefined || more.length > 0) {
    throw invalid(place, `${words.length} words where a go.sum line has a module path, a version and a hash`);
  }
  const isMod = versionAndFile.endsWith("/go.mod");
  const version = isMod ? versionAndFile.slice(0, -"/go.mod".length) : versionAndFile;
  const reason = checkModulePath(module);
  if (reason !== null) throw invalid(place, `${quote(module)} is no module path: it has ${reason}`);
  if (!isCanonicalVersion(version)) throw invalid(place, `${quote(version)} is no canonical version`);
  return { module, version, kind: isMod ? "mod" : "zip", hash };
}

function invalid(place: string, reason: string): Problem {
  return new Problem("CONFIG_INVALID", `${place}: ${reason}`, { hint: "run `go mod tidy` to write the file anew" });
}
