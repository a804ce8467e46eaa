// Runs every test on the project's own Node and ends with one line: N passed, N failed, N skipped.
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { findRuntime, root } from "./runtime.mjs";

const flags = process.argv.slice(2).filter((word) => word.startsWith("--"));
const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));

if (globSync === undefined) {
  // The machine's Node is too old to look for the files: start again on ours.
  const again = spawn(findRuntime(), [process.argv[1], ...process.argv.slice(2)], { stdio: "inherit" });
  again.on("exit", (code) => process.exit(code ?? 1));
} else {
  run(names.length > 0 ? names : globSync(["src/**/*.test.ts", "test/**/*.test.ts"], { cwd: root }).sort());
}

function run(files) {
  const env = { ...process.env };
  if (flags.includes("--deep")) env.MODGATE_DEEP = "1";
  const child = spawn(
    findRuntime(),
    [
      "--disable-warning=ExperimentalWarning",
      "--test",
      "--test-concurrency=3",
      "--test-timeout=600000",
      `--test-reporter=${join(root, "scripts/reporter.mjs")}`,
      ...files,
    ],
    { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] },
  );
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
