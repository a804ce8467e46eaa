import type { Problem } from "../kernel/problem.ts";
import { problemText } from "../kernel/problem-text.ts";
import type { Exchange } from "../ports/exchange.ts";
import { loopHeader } from "../upstream/loop.ts";

/** A Problem as the protocol routes answer it: text/plain that `go` prints, headers in pairs. */
export function refusal(problem: Problem, exchange: Exchange): { status: number; headers: string[]; body: Buffer } {
  const body = Buffer.from(problemText(problem, exchange.id));
  const headers = [
    "Content-Type",
    "text/plain; charset=utf-8",
    "Content-Length",
    String(body.length),
    "Cache-Control",
    "no-store",
  ];
  headers.push("X-Content-Type-Options", "nosniff", "X-Request-Id", exchange.id, "X-Modgate-Code", problem.code);
  if (problem.verdict === "unreachable" && problem.status !== 500) {
    headers.push("Retry-After", String(Math.max(1, Math.ceil((problem.retryAfterMs ?? 5000) / 1000))));
  }
  if (problem.code === "METHOD_NOT_ALLOWED") headers.push("Allow", "GET, HEAD");
  if (problem.code === "UPSTREAM_LOOP") {
    // Every gateway on the way back tells the one before it, so that none of them tries again.
    const selfId = problem.evidence?.["selfId"];
    headers.push(loopHeader, typeof selfId === "string" ? selfId : "further-on");
  }
  const upstream = problem.tried.length > 0 ? exchange.tries.at(-1)?.upstream : undefined;
  if (upstream !== undefined) headers.push("X-Go-Proxy-Upstream", upstream);
  return { status: problem.status, headers, body };
}
