// Finds the programs that tests and benchmarks run beside modgate: those of `npm run engines`, else those in PATH.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./runtime.mjs";

/** Where `npm run engines` puts what it installs. */
export const enginesFolder = join(root, ".engines");

/**
 * The absolute path of an engine's program, or null where there is none.
 * @param {string} name
 * @returns {string | null}
 */
export function enginePath(name) {
  const own = join(enginesFolder, "bin", name);
  return isProgram(own) ? own : pathOf(name);
}

/**
 * The absolute path of a program in PATH, or of one that Debian keeps out of users' PATH; else null.
 * @param {string} name
 * @returns {string | null}
 */
export function pathOf(name) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"].filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isProgram) ?? null;
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
