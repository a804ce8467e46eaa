import { trustedHeadOf } from "../sumdb/kept-database.ts";
import { type KeptReport, verifyKept } from "../sumdb/verify-kept.ts";
import type { CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { counted } from "./human-units.ts";
import { keptDatabases } from "./kept-databases.ts";

interface VerifiedDatabase extends KeptReport {
  readonly name: string;
  /** Records of the trusted tree; null where there is none yet. */
  readonly records: number | null;
  /** Wrong answers taken out of the cache. */
  readonly removed: number;
}

/** `modgate sumdb verify`: proves what the cache has of checksum databases anew, offline. */
export const sumdbVerifyCommand: CommandSpec = {
  usage: "verify [name]",
  summary: "Prove cached lookups and tiles anew against the trusted head, offline",
  examples: ["modgate sumdb verify", "modgate sumdb verify sum.golang.org --remove"],
  details:
    "wrong: not what the trusted tree has there. unproved: the tiles that would prove\n" +
    "it are not in the cache. Asks nobody. Works beside a running gateway.\n" +
    "Exit code 1 where anything is wrong or unproved.",
  options: [["--remove", "Take what is wrong out of the cache, to be fetched anew"]],
  takesConfig: "all",
  async run(run) {
    const { signal } = run.context;
    const [name] = run.args;
    const loaded = await run.context.loadConfig(run.flags);
    await using store = await run.context.openStore(loaded);
    using progress = run.progress("answers");
    const data: VerifiedDatabase[] = [];
    for (const { kept } of keptDatabases(loaded, store, typeof name === "string" ? name : null)) {
      const head = await trustedHeadOf(kept);
      const report = await verifyKept(kept, head, {
        signal,
        onProgress: (answers, key) => progress.update(answers, null, key),
      });
      const wrong = run.options["remove"] === true ? report.findings.filter(({ kind }) => kind === "wrong") : [];
      for (const { key } of wrong) await kept.remove(key);
      data.push({ name: kept.verifier.name, records: head?.size ?? null, ...report, removed: wrong.length });
    }
    const findings = data.flatMap((one) => one.findings);
    return {
      data,
      exitCode: findings.length > 0 ? exitCodes.findings : exitCodes.fine,
      text: ({ paint }) =>
        findings
          .map(({ kind, key, reason }) => `${paint(kind === "wrong" ? "red" : "yellow", kind)} ${key}: ${reason}\n`)
          .join("") + data.map(summaryOf).join(""),
    };
  },
};

function summaryOf({ name, records, lookups, tiles, findings, removed }: VerifiedDatabase): string {
  const wrong = findings.filter(({ kind }) => kind === "wrong").length;
  const against = records === null ? "no tree head yet" : counted(records, "record");
  const taken = removed > 0 ? `, ${removed} taken out` : "";
  return `${name} (${against}): ${counted(lookups, "lookup")} and ${counted(tiles, "tile")} looked at, ${wrong} wrong${taken}, ${findings.length - wrong} unproved\n`;
}
