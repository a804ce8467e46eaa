import { type DatabaseStatus, type ShownFork, type ShownHead, statusOf } from "../sumdb/kept-database.ts";
import type { Paint } from "./colour.ts";
import type { CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { counted, humanCount, humanDuration } from "./human-units.ts";
import { keptDatabases } from "./kept-databases.ts";

/** `modgate sumdb status`: what is trusted of each checksum database, and whether it has forked. */
export const sumdbStatusCommand: CommandSpec = {
  usage: "status",
  summary: "Show the trusted tree head of each checksum database, and its fork",
  examples: ["modgate sumdb status", "modgate sumdb status --json | jq '.data[].head'"],
  details:
    "Looks at the data folder alone and asks nobody. Works beside a running gateway.\n" +
    "Exit code 4 where a database has forked or what is kept of it cannot be read.",
  takesConfig: "all",
  async run(run) {
    const { clock, signal } = run.context;
    const loaded = await run.context.loadConfig(run.flags);
    await using store = await run.context.openStore(loaded);
    const data: DatabaseStatus[] = [];
    for (const { key, kept } of keptDatabases(loaded, store, null)) data.push(await statusOf(kept, key, signal));
    const isFine = data.every(({ fork, trouble }) => fork === null && trouble === null);
    return {
      data,
      exitCode: isFine ? exitCodes.fine : exitCodes.integrity,
      text: ({ paint }) => data.map((one) => statusText(one, clock.now(), paint)).join("\n"),
    };
  },
};

function statusText(status: DatabaseStatus, nowMs: number, paint: Paint): string {
  const { name, key, head, movedAt, lookups, tiles, fork, trouble } = status;
  const lines = [
    paint("bold", name),
    `  key      ${key}`,
    `  trusted  ${head === null ? "no tree head yet" : headText(head)}`,
    ...(movedAt === null
      ? []
      : [`  moved    ${movedAt}, ${humanDuration(Math.max(0, nowMs - Date.parse(movedAt)))} ago`]),
    `  cached   ${counted(lookups, "lookup")}, ${counted(tiles, "tile")}`,
  ];
  const state =
    trouble !== null
      ? `  ${paint("red", "trouble")}  ${trouble}\n  ${paint("green", "help:")} modgate sumdb reset ${name}\n`
      : fork === null
        ? `  forked   no\n`
        : `  forked   ${paint("red", "yes")}: nothing of it is looked up any more\n${forkText(fork)}  ${paint("green", "help:")} modgate sumdb reset ${name}\n`;
  return `${lines.join("\n")}\n${state}`;
}

/** A head on one line: its records and root. */
export function headText({ size, root }: ShownHead): string {
  return size === null ? "a note that this key has not signed" : `${humanCount(size)} records, root ${root}`;
}

/** Both signed heads of a fork, whole, and what they prove. */
export function forkText({ older, newer, evidence, fault }: ShownFork): string {
  const shown = (which: string, head: ShownHead): string => {
    const note = head.note.trimEnd().split("\n");
    return `  ${which}    ${headText(head)}\n${note.map((line) => `    | ${line}`.trimEnd()).join("\n")}\n`;
  };
  const proof = fault === null ? proofText(older, evidence) : `not proved: ${fault}`;
  return `${shown("older", older)}${shown("newer", newer)}  proof    ${proof}\n`;
}

function proofText({ size }: ShownHead, { proof, rootInNewer }: ShownFork["evidence"]): string {
  const records = counted(size ?? 0, "record");
  if (proof.length === 0) return `${records} have two roots`;
  return `the newer tree begins with ${records} of root ${rootInNewer}, as ${proof.length} ${proof.length === 1 ? "hash proves" : "hashes prove"}`;
}
