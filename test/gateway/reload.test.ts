import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { after, test } from "node:test";
import { httpGet } from "../testkit/http-get.ts";
import { type LogLine, ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { deadPort } from "../testkit/dead-port.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const list = "/example.com/a/@v/list";
const canary = { share: 0.25, for: "3s", maxErrorRate: 0.1 };
const settings = (upstream: string, rest: object = {}): object => ({
  upstream,
  canary,
  smoke: ["example.com/b@v1.1.0"],
  // Every request asks the upstream, and nothing old hides what it says.
  cache: { ttl: "0s", staleWhileRevalidate: "0s", maxStale: "0s" },
  upstreamDefaults: { retry: { attempts: 1 }, breaker: { failures: 1000 } },
  ...rest,
});

const tree = await smallGraph();
const old = await UpstreamServer.start({ tree });
const next = await UpstreamServer.start({ tree });
const modgate = await ModgateProcess.start({ config: settings(old.url) });
after(async () => {
  for (const one of [modgate, old, next]) await one[Symbol.asyncDispose]();
});

/** Puts the configuration in place as editors do, and waits for the log to say what became of it. */
async function change(config: object | string, ...kinds: readonly string[]): Promise<LogLine> {
  const before = modgate.accessLog.length;
  const text = typeof config === "string" ? config : JSON.stringify(config);
  await writeFile(`${modgate.configFile}.new`, text);
  await rename(`${modgate.configFile}.new`, modgate.configFile);
  return modgate.logLine((line) => kinds.includes(String(line["kind"])), before);
}

/** Eight clients that ask without pause while `during` runs; what was not 200. */
async function hammer(during: () => Promise<void>): Promise<{ asked: number; failures: (number | string)[] }> {
  const failures: (number | string)[] = [];
  let asked = 0;
  const load = new AbortController();
  const client = async (): Promise<void> => {
    while (!load.signal.aborted) {
      const status = await httpGet(modgate.url, list).then(
        (answer) => answer.status,
        (error: unknown) => String(error),
      );
      asked++;
      if (status !== 200) failures.push(status);
    }
  };
  const clients = Promise.all(Array.from({ length: 8 }, client));
  try {
    await during();
  } finally {
    load.abort();
    await clients;
  }
  return { asked, failures };
}

test("a good configuration takes its canary share, then all, and no request fails", async () => {
  const { asked, failures } = await hammer(async () => {
    const promoted = await change(settings(next.url), "promoted", "refused", "rolled-back");
    assert.equal(promoted["kind"], "promoted", JSON.stringify(promoted));
    assert.ok(Number(promoted["requests"]) > 0 && promoted["errors"] === 0, JSON.stringify(promoted));
  });
  assert.deepEqual(failures, [], `of ${asked}`);
  const lines = modgate.accessLog.filter(({ endpoint }) => endpoint === "list");
  const start = lines.findIndex(({ generation }) => generation === 2);
  const staged = lines.slice(
    start,
    lines.findLastIndex(({ generation }) => generation === 1),
  );
  const had = staged.filter(({ generation }) => generation === 2).length;
  // One of a few requests is a large share.
  const allowed = 1 + 0.05 * staged.length;
  assert.ok(Math.abs(had - canary.share * staged.length) < allowed, `the canary had ${had} of ${staged.length}`);
  old.requests.length = 0;
  await httpGet(modgate.url, list);
  assert.equal(old.requests.length, 0, "the old upstream is asked no more");
});

test("a configuration whose upstream fails under real requests is rolled back by its own error rate", async () => {
  await using bad = await UpstreamServer.start({ tree });
  bad.fail({ match: "/example.com/a/*", fault: { kind: "status", status: 500 } });
  let event: LogLine = {};
  const { failures } = await hammer(async () => {
    event = await change(settings(bad.url), "promoted", "refused", "rolled-back");
  });
  assert.equal(event["kind"], "rolled-back", JSON.stringify(event));
  const errors = Number(event["errors"]);
  assert.ok(errors >= 20, "it was judged by enough requests");
  assert.match(String(event["reason"]), /^\d+ of \d+ requests failed; allowed is 10 %$/);
  // What was under way in the canary when it was judged failed as well.
  assert.ok(
    failures.length >= errors && failures.length <= errors + 8,
    `${failures.length} failures, ${errors} counted`,
  );
  assert.deepEqual(new Set(failures), new Set([502]));
  bad.requests.length = 0;
  assert.equal((await httpGet(modgate.url, list)).status, 200);
  assert.equal(bad.requests.length, 0);
});

test("a configuration that fails lint or smoke is refused with its reasons, and the old one serves on", async () => {
  const dead = `http://127.0.0.1:${await deadPort()}`;
  const refusals: [object | string, string, RegExp][] = [
    ["listen: [", "load", /modgate\.yaml:\d+:\d+/],
    [settings(next.url, { rules: [{ pattern: "*/@v/*", action: "deny" }] }), "load", /rules.*\/@v\//],
    [settings(dead), "smoke", /\/example\.com\/b\/@v\/v1\.1\.0\.mod: unreachable 502: /],
    [
      settings(next.url, { smoke: ["example.com/none@v1.0.0"] }),
      "smoke",
      /\/example\.com\/none\/@v\/list: absent 404: /,
    ],
  ];
  const { failures } = await hammer(async () => {
    for (const [config, stage, why] of refusals) {
      const event = await change(config, "promoted", "refused", "rolled-back");
      assert.deepEqual([event["kind"], event["stage"]], ["refused", stage], JSON.stringify(event));
      assert.match(JSON.stringify(event["reasons"]), why);
    }
  });
  assert.deepEqual(failures, []);
  // A path that no hammering client has asked for, so that no flight of theirs is under way.
  const unasked = "/example.com/unasked/@v/list";
  assert.equal((await httpGet(modgate.url, unasked)).status, 404);
  assert.equal(next.hits(unasked), 1, "the last good one is at work");
});

test("SIGHUP stages the configuration as well, and what needs a restart is named", async () => {
  const before = modgate.accessLog.length;
  modgate.signal("SIGHUP");
  const refused = await modgate.logLine(({ kind }) => kind === "refused", before);
  assert.equal(refused["stage"], "smoke");
  const event = await change({ ...settings(next.url), processes: 2 }, "needs-restart", "refused");
  assert.deepEqual([event["kind"], event["keys"]], ["needs-restart", ["processes"]]);
  await modgate.logLine(({ kind, generation }) => kind === "promoted" && generation === event["generation"]);
});
