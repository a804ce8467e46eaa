import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import {
  defaultSmokeModules,
  parseSmokeModule,
  runSmoke,
  type SmokeCheck,
  type SmokeReport,
} from "../rollout/smoke-checks.ts";
import type { Style } from "./colour.ts";
import { exitCodes } from "./exit-codes.ts";
import { parseProxyBase, proxyRequest } from "./proxy-request.ts";
import type { CommandResult } from "./render.ts";
import { tableLines, type Column, type View } from "./table.ts";

export interface SmokeCommand {
  /** As in GOPROXY; may name a user. */
  readonly url: string;
  /** MODULE@VERSION each; empty: the default list. */
  readonly modules: readonly string[];
  /** Name of the checksum database; null: its checks are left out. */
  readonly sumdb: string | null;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const outcomeStyles: Readonly<Record<string, Style>> = { ok: "green", info: "cyan", failed: "red", skipped: "dim" };

const columns: readonly Column[] = [
  { title: "RESULT", style: (cell) => outcomeStyles[cell] ?? null },
  { title: "CHECK" },
  { title: "STATUS", align: "right" },
  { title: "MS", align: "right" },
  { title: "BYTES", align: "right" },
  { title: "OF" },
  { title: "DETAIL" },
];

/**
 * `modgate smoke URL`: asks a proxy what builds ask and judges the answers. Exit code 1 where a check failed, 3 where
 * the proxy can't be reached. USAGE for a URL or module that is none.
 */
export async function smoke(command: SmokeCommand): Promise<CommandResult> {
  const base = parseProxyBase(command.url);
  const report = await runSmoke({
    request: proxyRequest(base, command.fetch),
    modules: command.modules.length === 0 ? defaultSmokeModules : command.modules.map(requireModule),
    sumdb: command.sumdb,
    clock: command.clock,
    signal: command.signal,
  });
  const checks = report.checks.map((check) => Object.assign({ curl: curlOf(base.url, check) }, check));
  return {
    data: { url: base.url, reached: report.reached, failures: report.failures, checks },
    text: (view) => reportText(base.url, report, view),
    exitCode: !report.reached ? exitCodes.network : report.failures > 0 ? exitCodes.findings : exitCodes.fine,
  };
}

/** The command line that sends the request of a check again. */
export function curlOf(url: string, check: Pick<SmokeCheck, "name" | "path">): string {
  const output = check.name === ".zip" ? "-o module.zip -D -" : "-i";
  return `curl -sSL ${output} '${`${url}${check.path}`.replaceAll("'", "'\\''")}'`;
}

function reportText(url: string, report: SmokeReport, view: View): string {
  const rows = report.checks.map((check) => {
    const status = check.status === null ? "-" : String(check.status);
    return [check.outcome, check.name, status, String(check.tookMs), String(check.bytes), check.subject, check.detail];
  });
  const [titles = "", ...lines] = tableLines(columns, rows, view);
  const body = lines.flatMap((line, index) => {
    const check = report.checks[index];
    return check === undefined ? [line] : [line, `  ${view.paint("dim", curlOf(url, check))}`];
  });
  return `${[titles, ...body, "", summaryOf(url, report)].join("\n")}\n`;
}

function summaryOf(url: string, report: SmokeReport): string {
  if (!report.reached) return `${url} does not answer`;
  const count = (outcome: SmokeCheck["outcome"]): number =>
    report.checks.filter((check) => check.outcome === outcome).length;
  return `${url}: ${count("ok")} ok, ${count("failed")} failed, ${count("info") + count("skipped")} for information`;
}

function requireModule(text: string): NonNullable<ReturnType<typeof parseSmokeModule>> {
  const module = parseSmokeModule(text);
  if (module !== null) return module;
  throw new Problem("USAGE", `Cannot read --module "${text}": want MODULE@VERSION with a canonical version`, {
    hint: "write it as golang.org/x/mod@v0.17.0",
  });
}
