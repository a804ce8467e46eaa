import { sleep } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import { type DatabaseStatus, statusOf } from "../sumdb/kept-database.ts";
import { resetKept } from "../sumdb/reset-kept.ts";
import { paintFor } from "./colour.ts";
import { type CommandRun, type CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { counted } from "./human-units.ts";
import { keptDatabases } from "./kept-databases.ts";
import { forkText, headText } from "./sumdb-status.ts";

// A gateway looks at the disk once a second for what it has in memory.
const seenWithinMs = 1100;

/** `modgate sumdb reset`: forgets the trusted head of a database, and its fork. */
export const sumdbResetCommand: CommandSpec = {
  usage: "reset <name>",
  summary: "Forget the trusted tree head of a checksum database, and its fork",
  examples: [
    "modgate sumdb reset sum.golang.org",
    "modgate sumdb reset sum.golang.org --yes --json > evidence.json",
    "modgate sumdb reset sum.golang.org --from older",
  ],
  details:
    "Shows what is forgotten, both signed heads of a fork with it, and asks first.\n" +
    "Cached lookups and tiles that do not follow from the head trusted from here on\n" +
    "are taken out, to be fetched and proved anew. A running gateway goes on at once.",
  options: [
    ["--yes", "Do not ask"],
    ["--from <head>", "Go on from the older or newer head of the fork"],
  ],
  takesConfig: "all",
  async run(run) {
    const { clock, signal } = run.context;
    const from = readFrom(run);
    const loaded = await run.context.loadConfig(run.flags);
    await using store = await run.context.openStore(loaded);
    const [database] = keptDatabases(loaded, store, String(run.args[0]));
    if (database === undefined) throw new TypeError("keptDatabases() gives one or rejects");
    const before = await statusOf(database.kept, database.key, signal);
    if (!run.screen.isJson) run.screen.stdout.write(forgottenText(run, before));
    if (run.options["yes"] !== true && !(await isConfirmed(run, before))) {
      return { data: { forgotten: null }, exitCode: exitCodes.findings, text: () => "nothing was changed\n" };
    }
    const settle = (): Promise<void> => sleep(clock, seenWithinMs, signal);
    const { head, removed } = await resetKept(database.kept, before, { from, atMs: clock.now(), settle, signal });
    return {
      data: { forgotten: before, head, removed },
      exitCode: exitCodes.fine,
      text: () =>
        `${before.name}: forgotten; ${counted(removed, "cached answer")} taken out; ` +
        `trusted from here on: ${head === null ? "the first head that comes" : headText(head)}\n`,
    };
  },
};

function readFrom(run: CommandRun): "older" | "newer" | null {
  const from = run.options["from"];
  if (from === undefined) return null;
  if (from === "older" || from === "newer") return from;
  throw new Problem("USAGE", `Cannot read --from ${JSON.stringify(from)}: want older or newer`, {
    hint: "modgate sumdb reset --help",
  });
}

function isConfirmed(run: CommandRun, { name }: DatabaseStatus): Promise<boolean> {
  const { confirm } = run.context;
  if (confirm !== null && !run.screen.isJson) return confirm(`Forget this of ${name}?`);
  throw new Problem("USAGE", "Nobody can be asked here whether to forget this", {
    hint: `modgate sumdb reset ${name} --yes`,
  });
}

function forgottenText(run: CommandRun, { name, head, fork, trouble }: DatabaseStatus): string {
  const paint = paintFor(run.screen.stdout, run.screen.env, run.screen.colour);
  const trusted = head === null ? "no tree head" : headText(head);
  const why = trouble === null ? "" : `  ${paint("red", "trouble")}  ${trouble}\n`;
  return `${paint("bold", name)}\n  trusted  ${trusted}\n${why}${fork === null ? "" : forkText(fork)}`;
}
