import type { Clock } from "../kernel/clock.ts";
import { Problem } from "../kernel/problem.ts";
import { infoKey, latestKey, listKey, modKey, zipKey } from "../gomod/keys.ts";
import { checkModulePath, escapeModulePath, escapeVersion } from "../gomod/path.ts";
import { isCanonicalVersion } from "../gomod/version.ts";
import {
  judgeAbsent,
  judgeHealth,
  judgeInfo,
  judgeInvalid,
  judgeLatest,
  judgeList,
  judgeLookup,
  judgeMod,
  judgeSupported,
  judgeZip,
  type Judgement,
  type SmokeAnswer,
  type SmokeModule,
} from "./smoke-judges.ts";

export interface SmokeOptions {
  /** Asks the proxy; the path starts with a slash. Rejects where no answer came. */
  readonly request: (path: string, signal: AbortSignal) => Promise<SmokeAnswer>;
  /** At least one. */
  readonly modules: readonly SmokeModule[];
  /** Name of the checksum database; null: its checks are left out. */
  readonly sumdb: string | null;
  readonly clock: Clock;
  /** Ends the run; it then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** How long one check may take. */
  readonly deadlineMs?: number;
}

/** One request and what is to be thought of its answer. */
export interface SmokeCheck {
  /** Such as `.info`. */
  readonly name: string;
  /** MODULE@VERSION, or the checksum database; "" where it is about the proxy. */
  readonly subject: string;
  readonly path: string;
  /** `skipped`: an earlier answer made it pointless. */
  readonly outcome: Judgement["outcome"] | "skipped";
  /** Null where no answer came. */
  readonly status: number | null;
  readonly tookMs: number;
  readonly bytes: number;
  readonly detail: string;
}

export interface SmokeReport {
  readonly checks: readonly SmokeCheck[];
  readonly failures: number;
  /** False where nobody answered the first request; the others were then not sent. */
  readonly reached: boolean;
}

interface Planned {
  readonly name: string;
  readonly subject: string;
  readonly path: string;
  readonly judge: (answer: SmokeAnswer) => Judgement | Promise<Judgement>;
}

/** Asked for where nobody names a module: small, public, and in the public checksum database. */
export const defaultSmokeModules: readonly SmokeModule[] = [{ module: "golang.org/x/mod", version: "v0.17.0" }];

/** Reads MODULE@VERSION with a canonical version; null where it is none. */
export function parseSmokeModule(text: string): SmokeModule | null {
  const at = text.lastIndexOf("@");
  const module = text.slice(0, Math.max(0, at));
  const version = text.slice(at + 1);
  return checkModulePath(module) === null && isCanonicalVersion(version) ? { module, version } : null;
}

/**
 * Sends real module requests, one after another, and judges each answer by what `go` needs of it. Works on any proxy,
 * and in the same process on a gateway that has no listener yet.
 */
export async function runSmoke(options: SmokeOptions): Promise<SmokeReport> {
  const health = await runCheck({ name: "healthz", subject: "", path: "/healthz", judge: judgeHealth }, options);
  const reached = health.status !== null;
  const checks = [health];
  for (const planned of planOf(options.modules)) {
    checks.push(reached ? await runCheck(planned, options) : skipped(planned, "the proxy does not answer"));
  }
  if (options.sumdb !== null) checks.push(...(await runSumdbChecks(options.sumdb, options, reached)));
  return { checks, failures: checks.filter((check) => check.outcome === "failed").length, reached };
}

/** What failed, one line each: the check, its path, and why. */
export function smokeFailures(report: SmokeReport): string[] {
  const failures = report.checks.filter((check) => check.outcome === "failed");
  return failures.map((check) => `${check.name} ${check.path}: ${check.detail}`);
}

function planOf(modules: readonly SmokeModule[]): Planned[] {
  const plan = modules.flatMap((wanted): Planned[] => {
    const module = escapeModulePath(wanted.module);
    const version = escapeVersion(wanted.version);
    const subject = `${wanted.module}@${wanted.version}`;
    return [
      { name: ".info", subject, path: infoKey(module, version), judge: (answer) => judgeInfo(answer, wanted) },
      { name: ".mod", subject, path: modKey(module, version), judge: (answer) => judgeMod(answer, wanted) },
      { name: ".zip", subject, path: zipKey(module, version), judge: (answer) => judgeZip(answer, wanted) },
      { name: "list", subject, path: listKey(module), judge: (answer) => judgeList(answer, wanted) },
      { name: "@latest", subject, path: latestKey(module), judge: judgeLatest },
    ];
  });
  const [first] = modules;
  if (first !== undefined) {
    // Below a real module, so that a rule which allows that module allows asking for this one.
    const absent = `${first.module}/modgate-no-such-module`;
    plan.push({ name: "absent module", subject: "", path: listKey(escapeModulePath(absent)), judge: judgeAbsent });
  }
  plan.push({ name: "invalid path", subject: "", path: listKey("example.com/!!bad"), judge: judgeInvalid });
  return plan.map(({ name, subject, path, judge }) => ({ name, subject, path: `/${path}`, judge }));
}

async function runSumdbChecks(sumdb: string, options: SmokeOptions, reached: boolean): Promise<SmokeCheck[]> {
  const [first] = options.modules;
  const supported = { name: "sumdb", subject: sumdb, path: `/sumdb/${sumdb}/supported`, judge: judgeSupported };
  const checks = [reached ? await runCheck(supported, options) : skipped(supported, "the proxy does not answer")];
  if (first === undefined) return checks;
  const lookup: Planned = {
    name: "lookup",
    subject: `${first.module}@${first.version}`,
    path: `/sumdb/${sumdb}/lookup/${escapeModulePath(first.module)}@${escapeVersion(first.version)}`,
    judge: (answer) => judgeLookup(answer, first),
  };
  const isCarried = checks[0]?.outcome === "ok";
  checks.push(isCarried ? await runCheck(lookup, options) : skipped(lookup, "the database is not carried"));
  return checks;
}

async function runCheck(planned: Planned, options: SmokeOptions): Promise<SmokeCheck> {
  const { clock, signal, request, deadlineMs = 60_000 } = options;
  const { name, subject, path } = planned;
  signal.throwIfAborted();
  const deadline = new AbortController();
  const cancel = clock.after(deadlineMs, () => deadline.abort(new Error(`no answer in ${deadlineMs} ms`)));
  const startedAt = clock.monotonic();
  const took = (): number => Math.round(clock.monotonic() - startedAt);
  try {
    const answer = await request(path, AbortSignal.any([signal, deadline.signal]));
    const tookMs = took();
    const judgement = await planned.judge(answer);
    return { name, subject, path, ...judgement, status: answer.status, tookMs, bytes: answer.bytes.length };
  } catch (error) {
    signal.throwIfAborted();
    const detail = deadline.signal.aborted ? `no answer in ${deadlineMs} ms` : reasonOf(error);
    return { name, subject, path, outcome: "failed", status: null, tookMs: took(), bytes: 0, detail };
  } finally {
    cancel();
  }
}

function skipped({ name, subject, path }: Planned, detail: string): SmokeCheck {
  return { name, subject, path, outcome: "skipped", status: null, tookMs: 0, bytes: 0, detail };
}

function reasonOf(error: unknown): string {
  return error instanceof Problem || !(error instanceof Error) ? Problem.from(error).message : error.message;
}
