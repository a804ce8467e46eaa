import * as z from "zod";
import { cacheFindingCodes } from "../diagnose/cache-finding-codes.ts";
import { configFindingCodes } from "../config/finding-codes.ts";
import { doctorFindingCodes } from "../doctor/doctor-finding-codes.ts";
import { problemCodes } from "../kernel/problem-codes.ts";
import { Problem } from "../kernel/problem.ts";
import type { CommandSpec } from "./define-command.ts";
import { humanBytes, humanDuration } from "./human-units.ts";
import { parseProxyBase, proxyRequest } from "./proxy-request.ts";
import type { CommandResult } from "./render.ts";
import { renderTable, type View } from "./table.ts";

const answerSchema = z.object({
  module: z.string(),
  version: z.string(),
  decision: z.object({ action: z.string(), rule: z.string().nullable(), reason: z.string() }),
  chain: z.array(
    z.object({ upstream: z.string(), host: z.string(), breaker: z.string(), lastFailure: z.string().nullable() }),
  ),
  cache: z.array(
    z.object({
      key: z.string(),
      cached: z.boolean(),
      bytes: z.number().nullable(),
      upstream: z.string().nullable(),
      ageSeconds: z.number().nullable(),
    }),
  ),
  requests: z.array(
    z.object({
      requestId: z.string(),
      time: z.string(),
      endpoint: z.string(),
      verdict: z.string(),
      status: z.number(),
      cache: z.string(),
      tookMs: z.number(),
      tries: z.array(
        z.object({
          upstream: z.string(),
          attempt: z.number(),
          outcome: z.string(),
          status: z.number().nullable(),
          reason: z.string(),
          tookMs: z.number(),
          breaker: z.string(),
        }),
      ),
    }),
  ),
});

type Answer = z.infer<typeof answerSchema>;

/** `modgate explain`: why a gateway answers as it does for a version, or what a code means. */
export const explainCommand: CommandSpec = {
  usage: "explain <module@version|code>",
  summary: "Say why a gateway answers as it does for a version, or what a code means",
  examples: [
    "modgate explain golang.org/x/mod@v0.17.0",
    "modgate explain golang.org/x/mod@v0.17.0 --gateway http://proxy.corp.example:8080 --live",
    "modgate explain UPSTREAM_DENIED",
    "modgate explain MG1101",
  ],
  options: [
    ["--gateway <url>", "The running gateway to ask (default: http://127.0.0.1:8080)"],
    ["--live", "Ask the upstreams now, even where the gateway remembers earlier requests"],
  ],
  async run({ context, args, options }) {
    const subject = String(args[0]);
    const meaning = meaningOf(subject);
    if (meaning !== null) return meaning;
    if (!/^[^@]+@[^@]+$/.test(subject)) {
      throw new Problem("USAGE", `"${subject}" is neither MODULE@VERSION nor a code`, {
        hint: "modgate explain golang.org/x/mod@v0.17.0; docs/errors.md lists the codes",
      });
    }
    const base = parseProxyBase(typeof options["gateway"] === "string" ? options["gateway"] : "http://127.0.0.1:8080");
    const path = `/-/api/v1/explain/${encodeURIComponent(subject)}${options["live"] === true ? "?live=true" : ""}`;
    const { status, bytes } = await proxyRequest(base, fetch)(path, context.signal);
    const text = Buffer.from(bytes).toString("utf8");
    if (status !== 200) throw refusal(status, text, base.url);
    const data: unknown = JSON.parse(text);
    const answer = answerSchema.parse(data);
    return { data, exitCode: 0, text: (view) => answerText(answer, view) };
  },
};

function meaningOf(code: string): CommandResult | null {
  const problem = Object.entries(problemCodes).find(([name]) => name === code)?.[1];
  const found = Object.entries({ ...configFindingCodes, ...cacheFindingCodes, ...doctorFindingCodes }).find(
    ([name]) => name === code,
  )?.[1];
  if (problem) {
    const { verdict, status, meaning, hint } = problem;
    return {
      data: { code, verdict, status, meaning, help: hint },
      exitCode: 0,
      text: ({ paint }) =>
        `${paint("bold", code)} (${verdict}, ${status}): ${meaning}\n  ${paint("green", "help:")} ${hint}\n`,
    };
  }
  if (found) {
    const { severity, meaning, help } = found;
    return {
      data: { code, severity, meaning, help },
      exitCode: 0,
      text: ({ paint }) => `${paint("bold", code)} (${severity}): ${meaning}\n  ${paint("green", "help:")} ${help}\n`,
    };
  }
  return null;
}

function refusal(status: number, text: string, url: string): Problem {
  const body = z.object({ title: z.string(), hint: z.string() }).safeParse(parseOrNull(text));
  if (body.success) return new Problem("USAGE", body.data.title, { hint: body.data.hint });
  return new Problem("UPSTREAM_UNREACHABLE", `${url} answered ${status} and is no modgate`, {
    hint: "name the gateway with --gateway URL",
  });
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function answerText(answer: Answer, view: View): string {
  const { paint } = view;
  const heading = (text: string): string => `\n${paint("bold", text)}\n`;
  return [
    `${paint("bold", `${answer.module}@${answer.version}`)}: ${answer.decision.action}: ${answer.decision.reason}\n`,
    heading("Upstreams"),
    renderTable(
      [{ title: "NAME" }, { title: "HOST" }, { title: "BREAKER" }, { title: "LAST FAILURE" }],
      answer.chain.map((row) => [row.upstream, row.host, row.breaker, row.lastFailure ?? "-"]),
      view,
    ),
    heading("Cache"),
    renderTable(
      [{ title: "FILE" }, { title: "SIZE", align: "right" }, { title: "FROM" }, { title: "CONFIRMED" }],
      answer.cache.map((row) => [
        row.key,
        row.cached ? humanBytes(row.bytes ?? 0) : "not here",
        row.upstream ?? "-",
        row.ageSeconds === null ? "-" : `${humanDuration(row.ageSeconds * 1000)} ago`,
      ]),
      view,
    ),
    heading("Requests, the newest first"),
    ...answer.requests.map((row) => {
      const head = `${row.time}  ${row.endpoint}  ${row.verdict} ${row.status}  cache ${row.cache}  ${row.tookMs} ms  request ${row.requestId}\n`;
      const tries = row.tries.map(
        (one) =>
          `    ${one.upstream} attempt ${one.attempt}: ${one.outcome}${one.status === null ? "" : ` ${one.status}`}, ${Math.round(one.tookMs)} ms, breaker ${one.breaker}${one.reason === "" ? "" : `: ${one.reason}`}\n`,
      );
      return head + tries.join("");
    }),
  ].join("");
}
