import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");

// Each folder may import what stands in an earlier row, and its own row only where it names itself.
const rows: string[][] = [
  ["kernel"],
  ["gomod"],
  ["policy", "ports"],
  ["config"],
  ["sumdb", "store", "hashing", "upstream", "hooks", "tenants", "audit", "telemetry", "notify", "faults"],
  ["gateway", "holds", "bundle", "rollout", "processes", "diagnose", "doctor", "lab", "repro"],
  ["http", "cli"],
];
const pure = new Set(["kernel", "gomod", "policy"]);
const allowedNodeModulesOfPure = new Set(["node:crypto"]);

const sources = globSync("src/**/*.ts", { cwd: root });

test("every import of src respects the folder walls", () => {
  const breaches: string[] = [];
  for (const file of sources) {
    const folder = file.split("/")[1] ?? "";
    if (!file.slice(4).includes("/")) continue; // main.ts and app.ts may import everything
    const row = rows.findIndex((names) => names.includes(folder));
    if (row < 0) breaches.push(`${file}: folder ${folder} is not on the map`);
    for (const target of importsOf(file)) {
      if (!target.startsWith(".")) continue;
      const path = relative(root, join(root, dirname(file), target));
      const other = path.split("/")[1] ?? "";
      if (other === folder || (file.endsWith(".test.ts") && path.startsWith("test/testkit/"))) continue;
      const otherRow = rows.findIndex((names) => names.includes(other));
      if (otherRow < 0 || otherRow >= row) breaches.push(`${file} imports ${path}`);
    }
  }
  assert.deepEqual(breaches, []);
});

test("pure folders import no package and no I/O", () => {
  const breaches: string[] = [];
  for (const file of sources.filter((name) => pure.has(name.split("/")[1] ?? "") && !name.endsWith(".test.ts"))) {
    for (const target of importsOf(file)) {
      if (!target.startsWith(".") && !allowedNodeModulesOfPure.has(target)) breaches.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(breaches, []);
});

test("only config, main.ts and app.ts read the environment", () => {
  const readers = sources.filter(
    (file) => !file.endsWith(".test.ts") && /process\.env\b/.test(readFileSync(join(root, file), "utf8")),
  );
  assert.deepEqual(
    readers.filter((file) => !file.startsWith("src/config/") && !["src/main.ts", "src/app.ts"].includes(file)),
    [],
  );
});

test("no source file is longer than 300 lines", () => {
  const long = sources.filter((file) => readFileSync(join(root, file), "utf8").split("\n").length > 301);
  assert.deepEqual(long, []);
});

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;]*?from\s+"([^"]+)"|import\("([^"]+)"\)/g)].map(
    (match) => match[1] ?? match[2] ?? "",
  );
}
