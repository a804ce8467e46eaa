import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../test/testkit/fake-clock.ts";
import { zipOf } from "../../test/testkit/module-zip.ts";
import { Problem } from "../kernel/problem.ts";
import { parseSmokeModule, runSmoke, smokeFailures, type SmokeOptions, type SmokeReport } from "./smoke-checks.ts";
import type { SmokeAnswer } from "./smoke-judges.ts";

const wanted = { module: "example.com/Up", version: "v1.1.0" };
const base = "/example.com/!up/@v";
const hash = `h1:${"A".repeat(43)}=`;
const lookup = `17
example.com/Up v1.1.0 ${hash}
example.com/Up v1.1.0/go.mod ${hash}

go.sum database tree
42
${"B".repeat(43)}=

— sum.test AAAA+BBBB
`;
const zip = await zipOf([{ name: "example.com/Up@v1.1.0/go.mod", data: Buffer.from("module example.com/Up\n") }]);

type Pages = Record<string, string | Uint8Array | number | { status: number; body: string }>;

const honest: Pages = {
  "/healthz": "ok\n",
  [`${base}/v1.1.0.info`]: '{"Version":"v1.1.0","Time":"2024-01-01T00:00:00Z"}',
  [`${base}/v1.1.0.mod`]: "module example.com/Up\n",
  [`${base}/v1.1.0.zip`]: zip,
  [`${base}/list`]: "v1.0.0\nv1.1.0\n",
  "/example.com/!up/@latest": '{"Version":"v1.1.0"}',
  "/example.com/!up/modgate-no-such-module/@v/list": { status: 404, body: "not found" },
  "/example.com/!!bad/@v/list": { status: 400, body: "bad path" },
  "/sumdb/sum.test/supported": "",
  "/sumdb/sum.test/lookup/example.com/!up@v1.1.0": lookup,
};

function answerOf(page: Pages[string] | undefined): SmokeAnswer {
  if (page === undefined) return { status: 404, bytes: Buffer.from("no such page") };
  if (typeof page === "number") return { status: page, bytes: Buffer.from(`says ${page}`) };
  if (typeof page === "string") return { status: 200, bytes: Buffer.from(page) };
  return "status" in page ? { status: page.status, bytes: Buffer.from(page.body) } : { status: 200, bytes: page };
}

async function smokeOf(changes: Pages, options: Partial<SmokeOptions> = {}) {
  const pages = { ...honest, ...changes };
  const asked: string[] = [];
  const request = (path: string): Promise<SmokeAnswer> => {
    asked.push(path);
    return Promise.resolve(answerOf(pages[path]));
  };
  const signal = new AbortController().signal;
  const clock = new FakeClock();
  const report = await runSmoke({ request, modules: [wanted], sumdb: "sum.test", clock, signal, ...options });
  return { report, asked };
}

const outcomeOf = (report: SmokeReport, name: string): string =>
  report.checks.find((check) => check.name === name)?.outcome ?? "missing";

test("runSmoke asks everything that a build asks, and finds nothing wrong with an honest proxy", async () => {
  const { report, asked } = await smokeOf({});
  assert.deepEqual(asked, Object.keys(honest));
  assert.deepEqual(
    report.checks.map((check) => [check.outcome, check.name, check.detail]),
    [
      ["ok", "healthz", "alive"],
      ["ok", ".info", "2024-01-01T00:00:00Z"],
      ["ok", ".mod", "module example.com/Up"],
      ["ok", ".zip", "1 file"],
      ["ok", "list", "2 versions"],
      ["ok", "@latest", "v1.1.0"],
      ["ok", "absent module", "absent, as it should be"],
      ["ok", "invalid path", "refused, as it should be"],
      ["ok", "sumdb", "carried"],
      ["ok", "lookup", "record 17, signed"],
    ],
  );
  assert.deepEqual([report.failures, report.reached, smokeFailures(report)], [0, true, []]);
});

test("runSmoke judges each answer by what go needs of it", async (t) => {
  const lookupPath = "/sumdb/sum.test/lookup/example.com/!up@v1.1.0";
  const absentPath = "/example.com/!up/modgate-no-such-module/@v/list";
  const rows: [string, Pages[string], string, string, RegExp][] = [
    ["/healthz", 404, "healthz", "info", /another make/],
    ["/healthz", 500, "healthz", "failed", /^500: says 500$/],
    [`${base}/v1.1.0.info`, '{"Version":"v1.0.0"}', ".info", "failed", /v1\.0\.0/],
    [`${base}/v1.1.0.info`, "<html>login</html>", ".info", "failed", /page/],
    [`${base}/v1.1.0.info`, 403, ".info", "failed", /^403: says 403$/],
    [`${base}/v1.1.0.mod`, "<html>login</html>", ".mod", "failed", /no go\.mod: <html>login/],
    [`${base}/v1.1.0.mod`, "module example.com/other\n", ".mod", "info", /declares module example\.com\/other/],
    [`${base}/v1.1.0.zip`, zip.subarray(0, -1), ".zip", "failed", /damaged/],
    [`${base}/v1.1.0.zip`, 502, ".zip", "failed", /^502/],
    [`${base}/list`, "", "list", "info", /0 versions, v1\.1\.0 not among them/],
    [`${base}/list`, "<html>", "list", "failed", /no list of versions/],
    ["/example.com/!up/@latest", 410, "@latest", "info", /not offered/],
    ["/example.com/!up/@latest", "{}", "@latest", "failed", /not canonical/],
    [absentPath, 410, "absent module", "ok", /absent/],
    [absentPath, "", "absent module", "ok", /without versions/],
    [absentPath, "v1.0.0\n", "absent module", "failed", /200: v1\.0\.0 for a module that does not exist/],
    [absentPath, 403, "absent module", "failed", /go get .* notFound: \[403\]/],
    [absentPath, 502, "absent module", "failed", /502/],
    ["/example.com/!!bad/@v/list", 404, "invalid path", "ok", /refused/],
    ["/example.com/!!bad/@v/list", 500, "invalid path", "failed", /500/],
    ["/sumdb/sum.test/supported", 500, "sumdb", "failed", /500/],
    [lookupPath, 403, "lookup", "info", /not in the database/],
    [lookupPath, lookup.replace("— sum.test", "sum.test"), "lookup", "failed", /no signed record/],
    [lookupPath, lookup.replace("/go.mod", "/go.sum"), "lookup", "failed", /no signed record/],
    [lookupPath, "<html>", "lookup", "failed", /<html>/],
  ];
  for (const [path, page, name, outcome, detail] of rows) {
    await t.test(`${path} ${JSON.stringify(page).slice(0, 30)}`, async () => {
      const { report } = await smokeOf({ [path]: page });
      assert.equal(outcomeOf(report, name), outcome);
      assert.match(report.checks.find((check) => check.name === name)?.detail ?? "", detail);
      assert.equal(report.failures, outcome === "failed" ? 1 : 0);
      assert.equal(smokeFailures(report).length, report.failures);
    });
  }
});

test("runSmoke skips the lookup where the database is not carried, and all of it where there is none", async () => {
  const { report, asked } = await smokeOf({ "/sumdb/sum.test/supported": 404 });
  assert.deepEqual([outcomeOf(report, "sumdb"), outcomeOf(report, "lookup")], ["info", "skipped"]);
  assert.ok(!asked.some((path) => path.includes("lookup")));
  const without = await smokeOf({}, { sumdb: null });
  assert.equal(outcomeOf(without.report, "sumdb"), "missing");
});

test("runSmoke sends one request where nobody answers", async () => {
  let asked = 0;
  const request = (): Promise<SmokeAnswer> => {
    asked++;
    return Promise.reject(new Problem("UPSTREAM_UNREACHABLE", "Cannot reach it: ECONNREFUSED"));
  };
  const { report } = await smokeOf({}, { request });
  assert.deepEqual([asked, report.reached, report.failures], [1, false, 1]);
  assert.deepEqual(smokeFailures(report), ["healthz /healthz: Cannot reach it: ECONNREFUSED"]);
  assert.equal(report.checks.length, 10);
});

test("runSmoke gives each check its deadline and goes on", async () => {
  const clock = new FakeClock();
  const request = (path: string, signal: AbortSignal): Promise<SmokeAnswer> => {
    if (!path.endsWith(".mod")) return Promise.resolve(answerOf(honest[path]));
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const running = smokeOf({}, { clock, request, deadlineMs: 500 });
  await clock.advance(500);
  const { report } = await running;
  assert.deepEqual(smokeFailures(report), [`.mod ${base}/v1.1.0.mod: no answer in 500 ms`]);
  assert.equal(report.checks.find((check) => check.name === ".mod")?.tookMs, 500);
  assert.equal(clock.pending, 0);
});

test("runSmoke rejects when its signal ends it", async () => {
  const controller = new AbortController();
  const request = (path: string, signal: AbortSignal): Promise<SmokeAnswer> => {
    if (path.endsWith(".zip")) controller.abort(new Error("interrupted"));
    return signal.aborted ? Promise.reject(signal.reason) : Promise.resolve(answerOf(honest[path]));
  };
  await assert.rejects(smokeOf({}, { request, signal: controller.signal }), /interrupted/);
});

test("parseSmokeModule reads MODULE@VERSION with a canonical version alone", () => {
  assert.deepEqual(parseSmokeModule("example.com/Up@v1.1.0"), wanted);
  for (const text of [
    "",
    "example.com/a",
    "@v1.0.0",
    "example.com/a@",
    "example.com/a@v1",
    "nodot@v1.0.0",
    "a b@v1.0.0",
  ]) {
    assert.equal(parseSmokeModule(text), null, text);
  }
});
