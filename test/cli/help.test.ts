import assert from "node:assert/strict";
import { test } from "node:test";
import type { CliContext, Output } from "../../src/cli/cli-context.ts";
import { commandTable, runCli } from "../../src/cli/program.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { checkGolden } from "../testkit/golden.ts";

interface Terminal {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly env?: Readonly<Record<string, string>>;
}

const pipe: Terminal = { isTTY: false, columns: 80 };
const nothing = (): never => assert.fail("help starts nothing");

async function run(
  args: readonly string[],
  terminal = pipe,
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const output = { stdout: "", stderr: "" };
  const write = (name: "stdout" | "stderr"): Output => ({
    ...terminal,
    write: (text) => void (output[name] += text),
  });
  const context: CliContext = {
    stdout: write("stdout"),
    stderr: write("stderr"),
    env: terminal.env ?? {},
    clock: systemClock,
    random: () => 0.5,
    signal: new AbortController().signal,
    version: "1.2.3",
    self: ["modgate"],
    loadConfig: nothing,
    checkConfig: nothing,
    openStore: nothing,
    openWorkshop: nothing,
    startGateway: nothing,
    confirm: null,
    isFirst: true,
    supervise: null,
    onSignal: () => {},
  };
  return { exitCode: await runCli(context, args), ...output };
}

const groups = commandTable.flatMap((entry) => ("group" in entry ? [entry.group] : []));
const commands = commandTable.flatMap((entry) =>
  "group" in entry
    ? entry.members.map(({ usage }) => `${entry.group} ${usage.split(" ")[0]}`)
    : [entry.usage.split(" ")[0] ?? ""],
);

test("--help of every command has its examples first and exit code 0", async () => {
  let page = "";
  for (const command of ["", ...groups, ...commands]) {
    const args = [...command.split(" ").filter((word) => word !== ""), "--help"];
    const { exitCode, stdout, stderr } = await run(args);
    assert.deepEqual([exitCode, stderr], [0, ""], command);
    if (commands.includes(command)) assert.match(stdout, /^[^\n]+\.\n\nExamples:\n {2}\$ .*modgate /, command);
    page += `$ modgate ${args.join(" ")}\n${stdout}\n`;
  }
  await checkGolden("cli/help.txt", page);
});

test("--help fits the terminal, and is coloured there alone", async () => {
  for (const columns of [80, 120]) {
    const pages = await Promise.all(
      ["", ...groups, ...commands].map((command) =>
        run([...command.split(" ").filter((word) => word !== ""), "--help"], {
          isTTY: true,
          columns,
          env: { NO_COLOR: "1" },
        }),
      ),
    );
    const stdout = pages.map((page) => page.stdout).join("");
    // The lines of examples are copied whole.
    const wide = stdout.split("\n").filter((line) => line.length > columns && !line.startsWith("  $ "));
    assert.deepEqual(wide, [], `${columns} columns`);
    assert.ok(!stdout.includes("\u001b"));
  }
  const coloured = await run(["cache", "prefetch", "--help"], { isTTY: true, columns: 80 });
  assert.match(coloured.stdout, /\u001b\[1mExamples:/);
  assert.match(coloured.stdout, /\u001b\[1mOptions:/);
});

test("a wrong command line says what to type next, on standard error or as JSON, with exit code 2", async () => {
  let page = "";
  for (const line of [
    "",
    "cache",
    "nope",
    "cahce",
    "cache nope",
    "serve --lisen :80",
    "smoke",
    "smoke a b",
    "smoke x --color blue",
    "completion tcsh",
    "explain nope",
    "cache list --limit 0",
    "cache prune",
    "cache list --json --nope",
  ]) {
    const { exitCode, stdout, stderr } = await run(line.split(" ").filter((word) => word !== ""));
    assert.equal(exitCode, 2, line);
    assert.equal(stdout === "", !line.includes("--json"), line);
    page += `$ modgate ${line}\n${stdout}${stderr}\n`;
  }
  await checkGolden("cli/usage.txt", page);
});

test("--version prints the version alone", async () => {
  assert.deepEqual(await run(["--version"]), { exitCode: 0, stdout: "1.2.3\n", stderr: "" });
});
