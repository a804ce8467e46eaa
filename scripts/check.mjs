// Format, lint, types, dead code: each named as it runs; the first that fails stops the check.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { findRuntime, root } from "./runtime.mjs";

const runtime = findRuntime();
const bin = (name) => join(root, "node_modules", ".bin", name);
const steps = [
  { name: "format", args: [bin("oxfmt"), "--check", "src", "test", "bench", "scripts"] },
  { name: "lint", args: [bin("oxlint"), "--type-aware", "--deny-warnings", "src", "test", "bench", "scripts"] },
  { name: "types", args: [bin("tsc"), "-p", "tsconfig.json"] },
  { name: "build", args: [bin("tsc"), "-p", "tsconfig.build.json"] },
  { name: "dead code", args: [bin("knip"), "--no-progress"] },
  { name: "docs", args: [join(root, "scripts/docs.ts"), "--check"] },
];

for (const { name, args } of steps) {
  const startedAt = Date.now();
  const { status } = spawnSync(runtime, ["--disable-warning=ExperimentalWarning", ...args], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  process.stderr.write(`${status === 0 ? "ok    " : "FAILED"} ${name} (${Date.now() - startedAt} ms)\n`);
  if (status !== 0) process.exit(status ?? 1);
}
