import assert from "node:assert/strict";
import { test } from "node:test";
import { someExchange } from "../../test/testkit/some-exchange.ts";
import { Problem } from "../kernel/problem.ts";
import { accessLine } from "./access-line.ts";
import { processLog } from "./process-log.ts";
import { type LinePaint, TerminalLines, terminalLine } from "./terminal-lines.ts";

const plain: LinePaint = (_, text) => text;
const withoutTime = (line: string): string => line.replace(/^\d\d:\d\d:\d\d /, "");

test("terminalLine says verdict, status, cache, time and path of a request on one line", () => {
  const line = terminalLine(accessLine(someExchange()), plain);
  assert.match(line, /^\d\d:\d\d:\d\d /);
  assert.equal(withoutTime(line), "ok          200 hit        0.4 ms  /example.com/a/@v/v1.0.0.info\n");
});

test("terminalLine says why a request was refused, and keeps control characters from the terminal", () => {
  const problem = new Problem("UPSTREAM_DAMAGED", "half a zip\u001b[2J\r\nof P1");
  const exchange = someExchange({ verdict: "damaged", status: 502, cache: "miss", problem, tookMs: 1234.5 });
  assert.equal(
    withoutTime(terminalLine(accessLine(exchange), plain)),
    "damaged     502 miss      1235 ms  /example.com/a/@v/v1.0.0.info\n" +
      "         UPSTREAM_DAMAGED: half a zip [2J of P1\n",
  );
});

test("TerminalLines.write shortens the process log, its reason included, and colours by level", () => {
  const lines: string[] = [];
  const sink = new TerminalLines({ write: (line) => void lines.push(line) }, (style, text) => `<${style}>${text}</>`);
  const log = processLog(sink, "info");
  log.warn({ kind: "rolled-back", reason: "3 of 9 requests failed" }, "configuration rolled-back");
  log.warn({ kind: "refused", reasons: ["rules[0]: wrong", "listen: wrong"] }, "configuration refused");
  log.warn({ kind: "needs-restart", keys: ["listen", "data"] }, "configuration needs-restart");
  log.error({ code: "STORE_FAILED", error: new Problem("STORE_FAILED", "disk full") }, "served, but not published");
  assert.deepEqual(
    lines.map((line) => line.replace(/^<dim>[\d:]{8}<\/> /, "")),
    [
      "<yellow>warn       </> configuration rolled-back: 3 of 9 requests failed\n",
      "<yellow>warn       </> configuration refused\n         <dim>rules[0]: wrong</>\n         <dim>listen: wrong</>\n",
      "<yellow>warn       </> configuration needs-restart: listen, data\n",
      "<red>error      </> served, but not published: disk full (STORE_FAILED)\n",
    ],
  );
});

test("terminalLine gives a bug with its stack, and leaves alone what is no line of the log", () => {
  const problem = Problem.from(new TypeError("x is not a function"));
  const text = terminalLine(accessLine(someExchange({ verdict: "unreachable", status: 500, problem })), plain);
  assert.match(text, /\nTypeError: x is not a function\n {4}at /);
  for (const line of ["no JSON\n", '{"level":"info"}\n']) assert.equal(terminalLine(line, plain), line);
});
