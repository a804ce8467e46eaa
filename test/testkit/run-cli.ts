import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { steady } from "./golden.ts";
import { tempDir } from "./temp-dir.ts";

/** How a command of `bin/modgate` ended. */
export interface CliResult {
  readonly args: readonly string[];
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `bin/modgate` in a folder of its own, with nothing of the user's in its environment. */
export interface Cli extends AsyncDisposable {
  /** The folder that commands run in; their home is below it. */
  readonly folder: string;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult>;
}

const root = join(import.meta.dirname, "../..");

/** The folder with the program, for PATH. */
export const binFolder = join(root, "bin");

/** Makes the folder; it is removed at the end of `await using`. No command may take longer than the deadline. */
export async function cli({ deadlineMs = 60_000 }: { readonly deadlineMs?: number } = {}): Promise<Cli> {
  const folder = await tempDir("cli");
  const home = join(folder.path, "home");
  await mkdir(home);
  return {
    folder: folder.path,
    run: (args, env = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(join(binFolder, "modgate"), args, {
          cwd: folder.path,
          env: {
            PATH: process.env["PATH"],
            HOME: home,
            TMPDIR: folder.path,
            GOENV: "off",
            GOTOOLCHAIN: "local",
            GOPROXY: "https://proxy.corp.example,direct",
            GOSUMDB: "sum.golang.org",
            ...env,
          },
          stdio: ["ignore", "pipe", "pipe"],
          timeout: deadlineMs,
        });
        const output = { stdout: "", stderr: "" };
        for (const name of ["stdout", "stderr"] as const) {
          child[name].setEncoding("utf8").on("data", (text: string) => (output[name] += text));
        }
        child.on("error", reject);
        child.on("close", (exitCode) => resolve({ args, exitCode, ...output }));
      }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** A run as a page for people: the line typed, both streams, and the exit code; names of `hosts` stand for what differs. */
export function transcript(result: CliResult, hosts: Readonly<Record<string, string>>): string {
  const typed = result.args.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(" ");
  const stderr = result.stderr.replace(/^(?=.)/gm, "2> ");
  const text = `$ modgate ${typed}\n${result.stdout}${stderr}${result.exitCode === 0 ? "" : `(exit code ${result.exitCode})\n`}`;
  return steady(text, hosts);
}
