import assert from "node:assert/strict";
import { test } from "node:test";
import { answerFaults, bodyFaults, type FactFault } from "../../test/testkit/fact-faults.ts";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { moduleTree } from "../../test/testkit/module-tree.ts";
import { askFor, bodyText, standingStill, testChain, upstreamConfig } from "../../test/testkit/test-chain.ts";
import { deadPort } from "../../test/testkit/dead-port.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";
import { parseInfo } from "../gomod/info.ts";
import { Problem } from "../kernel/problem.ts";
import type { UpstreamBody } from "../ports/upstream.ts";

const tree = await moduleTree([{ path: "example.com/a", version: "v1.0.0" }]);
const version = tree.get("example.com/a", "v1.0.0");
const rows = [...answerFaults(), ...(await bodyFaults(version))];

// What the verdict is where P1 alone is asked; everything that is not here is unreachable.
const absent = new Set(["404", "410", "404-html", "404-nobody"]);
const denied = new Set(["401", "402", "403", "451", "401-html", "403-html"]);
const damaged = new Set([
  "204",
  "206",
  "300",
  "304",
  "301-missing-location",
  "302-missing-location",
  "gzip-header-plain-body",
]);

function wantedVerdict(row: FactFault): string {
  if (absent.has(row.name)) return "absent";
  if (denied.has(row.name)) return "denied";
  if (damaged.has(row.name) || row.fault.kind === "body") return "damaged";
  return "unreachable";
}

async function receive(body: UpstreamBody): Promise<string> {
  const text = await bodyText(body);
  if (body.contentType?.includes("json")) parseInfo(Buffer.from(text), "v1.0.0");
  return text;
}

interface Ending {
  readonly upstream: string | null;
  readonly problem: Problem | null;
  readonly secondWasAsked: boolean;
}

async function ending(row: FactFault, separator: "," | "|" | null): Promise<Ending> {
  await using first = await UpstreamServer.start({ tree });
  await using second = await UpstreamServer.start({ tree, name: "P2" });
  first.fail({ match: `*.${row.file}`, fault: row.fault });
  const clock = new FakeClock();
  const upstreams = [upstreamConfig(first.url), upstreamConfig(second.url, { name: "P2" })];
  await using chain = await testChain(separator === null ? upstreams.slice(0, 1) : upstreams, {
    clock,
    separators: [separator ?? ",", ","],
  });
  try {
    const ask = askFor(row.file);
    const result = await standingStill(clock, chain.fetch(ask, receive, new AbortController().signal));
    return { upstream: result.upstream, problem: null, secondWasAsked: second.hits() > 0 };
  } catch (error) {
    assert.ok(error instanceof Problem, `${row.name}: ${String(error)}`);
    return { upstream: null, problem: error, secondWasAsked: second.hits() > 0 };
  }
}

for (const row of rows) {
  // Bodies that are whole and wrong are told apart by whoever receives them; here that is done for .info alone.
  const isLeftToReceiver = row.file !== "info" && row.fault.kind === "body";
  if (isLeftToReceiver || row.name === "zip-truncated-clean") continue;

  test(`chain.fetch makes of ${row.name} what is proved, and goes on as go does after , and |`, async () => {
    if (row.go === "accepted") {
      assert.equal((await ending(row, ",")).upstream, "P1");
      return;
    }
    const verdict = wantedVerdict(row);
    assert.equal(verdict === "absent", row.go === "next", "absence is what go goes on after");

    const alone = await ending(row, null);
    assert.ok(alone.problem);
    assert.equal(alone.problem.verdict, verdict, alone.problem.message);
    assert.match(alone.problem.tried.join("\n"), /^P1: .*, 0 ms$/);

    const comma = await ending(row, ",");
    assert.equal(comma.secondWasAsked, row.go === "next");
    assert.equal(comma.upstream, row.go === "next" ? "P2" : null);
    assert.equal(comma.problem?.verdict, row.go === "next" ? undefined : verdict);

    const pipe = await ending(row, "|");
    assert.equal(pipe.upstream, "P2");
  });
}

test("chain.fetch calls upstreams that nobody listens at, or no name is known for, unreachable", async () => {
  const clock = new FakeClock();
  for (const [url, reason] of [
    [`http://127.0.0.1:${await deadPort()}`, "connection refused"],
    ["http://no-such-host.invalid", "no such host|name lookup failed"],
  ] as const) {
    await using chain = await testChain([upstreamConfig(url)], { clock });
    const problem = await standingStill(
      clock,
      chain.fetch(askFor("info"), bodyText, new AbortController().signal),
    ).catch((error: unknown) => error);
    assert.ok(problem instanceof Problem);
    assert.equal(problem.code, "UPSTREAM_UNREACHABLE");
    assert.equal(problem.status, 502);
    assert.match(problem.tried[0] ?? "", new RegExp(`^P1: (${reason})`));
    assert.equal(problem.retryAfterMs, 5000);
  }
});
