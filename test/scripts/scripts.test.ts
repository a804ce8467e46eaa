import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { testSumdb } from "../testkit/sumdb-server.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";
import { mismatch, parseScript, scriptConfig, substitute, type ScriptStep } from "./script.ts";

for (const file of globSync(join(import.meta.dirname, "*.http")).sort()) {
  test(`serve answers as ${basename(file)} says`, async () => {
    const tree = await smallGraph();
    const sumdb = testSumdb(tree, { padTo: 343 });
    await using upstream = await UpstreamServer.start({ tree });
    await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
    const script = readFileSync(file, "utf8");
    const config = {
      upstream: upstream.url,
      upstreams: { P1: { url: upstream.url, retry: { attempts: 1 }, breaker: { failures: 1000 } } },
      rules: [{ pattern: "example.com/forbidden", action: "deny", reason: "use example.com/a" }],
      private: ["corp.example/*"],
      goGet: [{ pattern: "go.example.com", kind: "mod" }],
      ...scriptConfig(script),
    };
    await using modgate = await ModgateProcess.start({ config, sumdb: `${sumdb.key} ${database.url}` });
    const kept = new Map<string, string>();
    for (const step of parseScript(script)) {
      const wrong = await runStep(step, { modgate, upstream, kept });
      const deadline = Date.now() + 3000;
      while (step.repeats && wrong.length > 0 && Date.now() < deadline) {
        wrong.splice(0, wrong.length, ...(await ask(step, { modgate, upstream, kept })));
      }
      assert.deepEqual(wrong, [], `${basename(file)}:${step.line} ${step.method} ${step.path}`);
    }
  });
}

interface Stage {
  readonly modgate: ModgateProcess;
  readonly upstream: UpstreamServer;
  readonly kept: Map<string, string>;
}

async function runStep(step: ScriptStep, { modgate, upstream, kept }: Stage): Promise<string[]> {
  for (const change of step.faults) {
    if (change === "none") upstream.reset();
    else upstream.fail(change);
  }
  return ask(step, { modgate, upstream, kept });
}

async function ask(step: ScriptStep, { modgate, upstream, kept }: Stage): Promise<string[]> {
  upstream.requests.length = 0;
  const headers = Object.fromEntries(
    Object.entries(step.headers).map(([name, value]) => [name, substitute(value, kept)]),
  );
  const answer = await httpGet(modgate.url, substitute(step.path, kept), { method: step.method, headers });
  const body = answer.body.toString();
  const wrong: string[] = [];
  if (answer.status !== step.status) wrong.push(`status is ${answer.status}: ${body}`);
  for (const { name, value } of step.expectedHeaders) {
    const actual = answer.headers[name.toLowerCase()]?.toString();
    if (value === null && actual !== undefined) wrong.push(`${name} is there: ${actual}`);
    const problem = value === null ? null : mismatch(value, actual, kept);
    if (problem) wrong.push(`${name} ${problem}`);
  }
  if (step.body.length > 0) {
    const problem = mismatch(step.body.join("\n"), body.replace(/\n$/, ""), kept);
    if (problem) wrong.push(`the body ${problem}`);
  }
  for (const part of step.parts) {
    if (!body.includes(substitute(part, kept))) wrong.push(`the body lacks ${part}: ${body}`);
  }
  if (step.upstream.length > 0) {
    const asked = upstream.requests.map((seen) => `${seen.method} ${seen.path}`).sort();
    const want = step.upstream[0] === "nothing" ? [] : [...step.upstream].sort();
    if (asked.join("\n") !== want.join("\n")) wrong.push(`the upstream was asked [${asked.join(", ")}]`);
  }
  return wrong;
}
