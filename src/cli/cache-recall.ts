import { sleep } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import type { Taker } from "../ports/access-records.ts";
import type { Recall } from "../ports/recall-book.ts";
import { recallLookMs, Recalls, recallVersion, takeRecallBack } from "../store/recalls.ts";
import { accessFlushMs, SqliteAccessRecords } from "../store/sqlite-access-records.ts";
import type { CommandSpec } from "./define-command.ts";
import { exitCodes } from "./exit-codes.ts";
import { counted } from "./human-units.ts";
import { moduleVersionOf } from "./module-version.ts";
import { renderTable, type View } from "./table.ts";

const settleMs = 2 * Math.max(recallLookMs, accessFlushMs);

/** `modgate cache recall`: blocks a version at once, and says who has it already. */
export const cacheRecallCommand: CommandSpec = {
  usage: "recall <module[@version]>",
  summary: "Block a version, or a whole module, at once, and list who took it",
  examples: [
    'modgate cache recall github.com/corp/pay@v1.4.2 --reason "leaks card numbers"',
    'modgate cache recall github.com/evil/mod --reason "taken over" --json',
    "modgate cache recall github.com/corp/pay@v1.4.2 --dry-run",
  ],
  details:
    "A running gateway refuses the version from when this command ends: its files\n" +
    "with 403 and the reason, and lists, @latest and queries leave it out. Its files\n" +
    "stay in the cache for whoever looks into it. Back: `modgate cache unrecall`.",
  options: [
    ["--reason <text>", "Why; shown to everybody who asks for the version"],
    ["--dry-run", "Block nothing, only list who took it"],
  ],
  takesConfig: "cache",
  async run(run) {
    const { context, options } = run;
    const { module, version } = moduleVersionOf(run);
    const isTrial = options["dryRun"] === true;
    const reason = typeof options["reason"] === "string" ? options["reason"].trim() : "";
    if (!isTrial && reason === "") {
      throw new Problem("USAGE", "A recall needs a reason: it is what people see whose build breaks", {
        hint: `modgate cache recall ${module}${version === null ? "" : `@${version}`} --reason "what is wrong with it"`,
      });
    }
    const loaded = await context.loadConfig(run.flags);
    await using store = await context.openStore(loaded);
    const { parts } = store.files;
    const at = new Date(context.clock.now()).toISOString();
    const recall: Recall = { module, version, reason, at };
    const isNew = isTrial ? false : await recallVersion(parts, recall, context.signal);
    // From here on every process of a running gateway knows of it, and has written down who took it before.
    if (!isTrial) await sleep(context.clock, settleMs, context.signal);
    const keepMs = loaded.config.accessKeepMs;
    const takers = keepMs === null ? null : readTakers({ path: parts.folder.access, keepMs }, recall, context.clock);
    return {
      data: { recalled: !isTrial, isNew, recall: isTrial ? null : recall, takers: takers?.map(takerData) ?? null },
      exitCode: exitCodes.fine,
      text: (view) =>
        `${isTrial ? "nothing is blocked (--dry-run)" : isNew ? `${view.paint("red", "recalled")} ${nameOf(recall)}: ${recall.reason}` : `${nameOf(recall)} was recalled before; nothing changed`}\n` +
        describeTakers(takers, recall, view),
    };
  },
};

/** `modgate cache unrecall`: takes a recall back. */
export const cacheUnrecallCommand: CommandSpec = {
  usage: "unrecall <module[@version]>",
  summary: "Take a recall back, so that the version is served again",
  examples: ["modgate cache unrecall github.com/corp/pay@v1.4.2"],
  takesConfig: "cache",
  async run(run) {
    const { context } = run;
    const subject = moduleVersionOf(run);
    await using store = await context.openStore(await context.loadConfig(run.flags));
    const count = await takeRecallBack(store.files.parts, subject, context.signal);
    return {
      data: { ...subject, takenBack: count },
      exitCode: count > 0 ? exitCodes.fine : exitCodes.findings,
      text: () => (count > 0 ? `${nameOf(subject)} is served again\n` : `${nameOf(subject)} is not recalled\n`),
    };
  },
};

/** `modgate cache recalls`: what is recalled now. */
export const cacheRecallsCommand: CommandSpec = {
  usage: "recalls",
  summary: "List what is recalled, when and why",
  examples: ["modgate cache recalls", "modgate cache recalls --json"],
  takesConfig: "cache",
  async run(run) {
    await using store = await run.context.openStore(await run.context.loadConfig(run.flags));
    const recalls = await new Recalls(store.files.parts).all();
    return {
      data: { recalls },
      exitCode: exitCodes.fine,
      text: (view) =>
        recalls.length === 0
          ? "nothing is recalled\n"
          : renderTable(
              [{ title: "RECALLED" }, { title: "SINCE (UTC)" }, { title: "REASON" }],
              recalls.map((one) => [nameOf(one), minute(Date.parse(one.at)), one.reason]),
              view,
            ),
    };
  },
};

function readTakers(
  { path, keepMs }: { readonly path: string; readonly keepMs: number },
  { module, version }: Recall,
  clock: ConstructorParameters<typeof SqliteAccessRecords>[0]["clock"],
): readonly Taker[] {
  const records = new SqliteAccessRecords({ path, keepMs, clock, onTrouble: () => {} });
  try {
    return records.takersOf(module, version);
  } finally {
    records.close();
  }
}

function describeTakers(takers: readonly Taker[] | null, recall: Recall, view: View): string {
  if (takers === null) return "who took it is not known: access.keep is never\n";
  if (takers.length === 0) return `nobody has taken the zip of ${nameOf(recall)} from here\n`;
  const tenants = new Set(takers.map(({ tenant }) => tenant)).size;
  const table = renderTable(
    [
      { title: "VERSION" },
      { title: "TENANT" },
      { title: "CLIENT" },
      { title: "FIRST (UTC)" },
      { title: "LAST (UTC)" },
      { title: "TIMES", align: "right" },
    ],
    takers.map((one) => [
      one.version,
      one.tenant,
      one.client,
      minute(one.firstMs),
      minute(one.lastMs),
      String(one.times),
    ]),
    view,
  );
  return `\ntaken by ${counted(takers.length, "client")} of ${counted(tenants, "tenant")}:\n${table}`;
}

function takerData({ firstMs, lastMs, ...rest }: Taker): object {
  return { ...rest, firstAt: new Date(firstMs).toISOString(), lastAt: new Date(lastMs).toISOString() };
}

function nameOf({ module, version }: Pick<Recall, "module" | "version">): string {
  return version === null ? `${module} (every version)` : `${module}@${version}`;
}

function minute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}
