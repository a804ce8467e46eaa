// Runs every test on the project's own Node and ends with one line: N passed, N failed, N skipped.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { findRuntime, root } from "./runtime.mjs";

const flags = process.argv.slice(2).filter((word) => word.startsWith("--"));
const names = process.argv.slice(2).filter((word) => !word.startsWith("--"));
// The runner itself looks for the files: the machine's own Node may be too old to.
const files = names.length > 0 ? names : ["src/**/*.test.ts", "test/**/*.test.ts"];

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
