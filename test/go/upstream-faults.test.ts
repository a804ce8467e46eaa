import assert from "node:assert/strict";
import { before, test, type TestContext } from "node:test";
import { answerFaults, bodyFaults, type FactFault } from "../testkit/fact-faults.ts";
import { goCommand, type GoCommand } from "../testkit/go-command.ts";
import { checkGolden, steady } from "../testkit/golden.ts";
import { httpGet, type HttpAnswer } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree, type ModuleTree } from "../testkit/module-tree.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

// Each row has a module of its own, so that none finds in the cache what another left there.
const moduleOf = (row: FactFault): string => `example.com/${row.name}`;

let rows: FactFault[] = [];
let tree: ModuleTree;

before(async () => {
  const names = [
    ...answerFaults(),
    ...(await bodyFaults((await treeOf(["example.com/any"])).get("example.com/any", "v1.0.0"))),
  ];
  tree = await treeOf(names.map(moduleOf));
  rows = [...answerFaults()];
  for (const row of names.slice(rows.length)) {
    const own = await bodyFaults(tree.get(moduleOf(row), "v1.0.0"));
    rows.push(...own.filter((candidate) => candidate.name === row.name));
  }
});

function treeOf(paths: readonly string[]): Promise<ModuleTree> {
  return moduleTree(paths.map((path) => ({ path, version: "v1.0.0" })));
}

interface Outcome {
  readonly row: FactFault;
  readonly answer: HttpAnswer;
  readonly verdict: string;
  readonly printed: string;
  readonly wentToSecond: boolean;
  readonly exitCode: number | null;
}

let outcomes: Outcome[] | null = null;

async function runAll(): Promise<Outcome[]> {
  if (outcomes) return outcomes;
  await using first = await UpstreamServer.start({ tree });
  await using second = await UpstreamServer.start({ tree, name: "P2" });
  // One attempt and no breaker: each row shall show what its own fault does.
  await using modgate = await ModgateProcess.start({ config: patient(first.url) });
  await using go = await goCommand({ GOPROXY: modgate.url });
  const hosts = { MODGATE: `127.0.0.1:${new URL(modgate.url).port}`, P1: `127.0.0.1:${first.port}` };
  outcomes = [];
  for (const row of rows) {
    first.reset();
    first.fail({ match: `/${moduleOf(row)}/@v/v1.0.0.${row.file}`, fault: row.fault });
    const answer = await httpGet(modgate.url, `/${moduleOf(row)}/@v/v1.0.0.${row.file}`);
    const alone = await download(go, row, modgate.url);
    second.reset();
    const both = await download(go, row, `${modgate.url},${second.url}`);
    outcomes.push({
      row,
      answer,
      verdict: answer.status === 200 ? "ok" : (/^modgate: (\w+):/.exec(answer.body.toString())?.[1] ?? "none"),
      printed: steady(alone.stderr, hosts),
      wentToSecond: second.hits() > 0,
      exitCode: both.exitCode,
    });
  }
  return outcomes;
}

async function download(
  go: GoCommand,
  row: FactFault,
  proxies: string,
): Promise<{ exitCode: number | null; stderr: string }> {
  await go.coldCache();
  return go.run(["mod", "download", `${moduleOf(row)}@v1.0.0`], { env: { GOPROXY: proxies } });
}

const patient = (url: string): unknown => ({
  upstream: url,
  upstreams: { P1: { url, retry: { attempts: 1 }, breaker: { failures: 1000 } } },
  cache: { negativeTtl: "0s" },
});

/** What the issue's "Truthful verdicts" makes of a row. */
function expected(row: FactFault): { verdict: RegExp; status: RegExp } {
  if (row.go === "next") return { verdict: /^absent$/, status: row.name === "410" ? /^410$/ : /^404$/ };
  if (/^(?:40[123]|451)/.test(row.name)) return { verdict: /^denied$/, status: /^403$/ };
  if (row.name === "mod-empty" || row.name.endsWith("-html-200")) return { verdict: /^damaged$/, status: /^502$/ };
  if (row.go === "accepted") return { verdict: /^ok$/, status: /^200$/ };
  if (row.fault.kind === "body") return { verdict: /^damaged$/, status: /^502$/ };
  // A status that is no answer, and bytes that are no HTTP, may be called either.
  if (/^2|^3|garbage|status-line|content-length$|gzip/.test(row.name)) {
    return { verdict: /^(?:unreachable|damaged)$/, status: /^50[234]$/ };
  }
  return { verdict: /^unreachable$/, status: /^50[234]$/ };
}

test("serve gives every row of GO-FACTS A.1–A.3 the verdict that is true", async () => {
  const wrong: string[] = [];
  for (const { row, answer, verdict } of await runAll()) {
    const want = expected(row);
    if (!want.verdict.test(verdict) || !want.status.test(String(answer.status))) {
      wrong.push(`${row.name}: ${answer.status} ${verdict}, want ${want.status.source} ${want.verdict.source}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("go with GOPROXY=modgate,P2 goes on to P2 on proved absence alone", async () => {
  const wrong: string[] = [];
  for (const { row, verdict, wentToSecond, exitCode } of await runAll()) {
    const isAbsent = row.go === "next";
    if (wentToSecond !== isAbsent) wrong.push(`${row.name}: ${wentToSecond ? "walked around" : "did not go on"}`);
    const works = isAbsent || row.go === "accepted" ? verdict !== "damaged" : false;
    if ((exitCode === 0) !== works) wrong.push(`${row.name}: go ended with ${exitCode}`);
  }
  assert.deepEqual(wrong, []);
});

test("refusals are text that go prints whole, and outages say when to ask again", async () => {
  const wrong: string[] = [];
  for (const { row, answer, verdict, printed } of await runAll()) {
    if (verdict === "ok") continue;
    const body = answer.body.toString();
    const check = (isRight: boolean, claim: string): void => void (isRight || wrong.push(`${row.name}: ${claim}`));
    check(answer.headers["content-type"] === "text/plain; charset=utf-8", "is text/plain in UTF-8");
    check(body.split("\n").length - 1 <= 8 && answer.body.length <= 648, "fits into 8 lines and 648 bytes");
    check(!/\n\n|[\u0000-\u0009\u000b-\u001f\u007f]/.test(body), "has no blank line and no control character");
    check(/\brequest [0-9a-z]{13}\b/.test(body), "carries the request id");
    check(body.includes("P1"), "names the upstream that was tried");
    check(printed.includes("server response:") && printed.includes("help: "), "reaches go's terminal with the hint");
    check(!printed.includes("[Truncated"), "is printed whole");
    check(answer.headers["cache-control"]?.includes("immutable") !== true, "is not cacheable for ever");
    if (verdict === "unreachable") check(Number(answer.headers["retry-after"]) > 0, "carries Retry-After");
  }
  assert.deepEqual(wrong, []);
});

test("a denial by the upstream names the setting notFound", async () => {
  for (const { row, answer } of await runAll()) {
    if (row.name.startsWith("403")) assert.match(answer.body.toString(), /notFound: \[403\]/, row.name);
  }
});

test("what go prints for every row stays as test/golden/upstream-faults.txt shows", async (t: TestContext) => {
  const table = await runAll();
  const sections = table.map(({ row, answer, verdict, printed }) => {
    const text = printed.trimEnd().replace(/^/gm, "    ");
    return `${row.name} (.${row.file}) → ${answer.status} ${verdict}\n${text.trim() === "" ? "" : `${text}\n`}`;
  });
  t.diagnostic(`${table.length} rows`);
  await checkGolden("upstream-faults.txt", sections.join("\n"));
});
