import { resolve } from "node:path";
import { Problem } from "../kernel/problem.ts";
import type { LabMachine } from "../lab/lab-go.ts";
import type { CommandRun } from "./define-command.ts";

/** The options that every lab has. */
export const labOptions: readonly (readonly [string, string])[] = [
  ["--go <path>", "Which go runs (default: go)"],
  ["--markdown", "Print a page of Markdown"],
];

/** The option of the labs that compile programs. */
export const buildCacheOption = [
  "--build-cache <folder>",
  "GOCACHE of the lab; a throw-away one is slow to fill",
] as const;

/** The folder of --build-cache, from where it was typed; null where it was not. */
export function buildCacheOf({ options }: CommandRun): string | null {
  const { buildCache } = options;
  return typeof buildCache === "string" ? resolve(buildCache) : null;
}

/** What a lab needs of the machine, and which go runs. USAGE where both --json and --markdown are wanted. */
export function labOf({ context, options, screen }: CommandRun): { readonly machine: LabMachine; readonly go: string } {
  if (options["markdown"] === true && screen.isJson) {
    throw new Problem("USAGE", "Cannot print both --json and --markdown", { hint: "leave one of them out" });
  }
  const { clock, signal, env } = context;
  const named = typeof options["go"] === "string" ? options["go"] : "go";
  // It runs in other folders than this one.
  const go = named.includes("/") ? resolve(named) : named;
  return { machine: { clock, signal, path: env.PATH ?? "" }, go };
}
