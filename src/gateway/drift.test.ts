import assert from "node:assert/strict";
import { test } from "node:test";
import { gatewayBench } from "../../test/testkit/gateway-bench.ts";
import { moduleTree, type ModuleSource } from "../../test/testkit/module-tree.ts";
import { UpstreamServer } from "../../test/testkit/upstream-server.ts";

const place = { path: "example.com/a", version: "v1.3.0" };
const info = "/example.com/a/@v/v1.3.0.info";
const mod = "/example.com/a/@v/v1.3.0.mod";
const zip = "/example.com/a/@v/v1.3.0.zip";
const origin = (hash: string, ref = "refs/tags/v1.3.0"): object => ({ VCS: "git", Ref: ref, Hash: hash });

const kinds = (events: readonly { readonly kind: string }[]): string[] => events.map(({ kind }) => kind);

/** An upstream that has first the one and then the other, with nothing left in the cache between. */
async function changed(first: Partial<ModuleSource>, then: Partial<ModuleSource>, paths: readonly string[]) {
  await using upstream = await UpstreamServer.start({ tree: await moduleTree([{ ...place, ...first }]) });
  await using bench = await gatewayBench({ upstream: upstream.url });
  for (const path of paths) assert.equal((await bench.get(path)).status, 200);
  await bench.idle();
  for (const path of paths) await bench.store.remove(path.slice(1));
  upstream.tree = await moduleTree([{ ...place, ...then }]);
  const answers = [];
  for (const path of paths) answers.push(await bench.get(path));
  return { answers, events: bench.securityEvents };
}

test("a file that is not what was first seen of its version is drift, refused and kept with both hashes", async () => {
  const { answers, events } = await changed({}, { files: { "other.go": "package a\n" } }, [mod, zip]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 502],
  );
  const [event] = events;
  assert.deepEqual(kinds(events), ["drift"]);
  assert.ok(event?.kind === "drift" && event.quarantined !== null);
  assert.notEqual(event.evidence.wanted, event.evidence.got);
  assert.equal(answers[1]?.problem?.code, "FIRST_SEEN_MISMATCH");
});

test("a tag that leads to another commit is drift, and its .info is served: nothing else says what is right", async () => {
  const { answers, events } = await changed({ origin: origin("aaaa") }, { origin: origin("bbbb") }, [info]);
  assert.equal(answers[0]?.status, 200);
  assert.deepEqual(kinds(events), ["drift"]);
  const [event] = events;
  assert.ok(event?.kind === "drift");
  assert.partialDeepStrictEqual(event.evidence, {
    module: "example.com/a",
    version: "v1.3.0",
    file: "info",
    wanted: "refs/tags/v1.3.0 aaaa",
    got: "refs/tags/v1.3.0 bbbb",
  });
  assert.match(event.evidence.wantedBy, /^what was first seen here on \d{4}-\d\d-\d\d$/);
});

test("the same commit is no drift, whatever else the .info says of it, nor is an origin that comes or goes", async () => {
  const rows: readonly [object | undefined, object | undefined][] = [
    [origin("aaaa"), origin("aaaa", "refs/heads/release")],
    [origin("aaaa"), { Hash: "aaaa" }],
    [origin("aaaa"), undefined],
    [undefined, origin("aaaa")],
    [origin("aaaa"), { VCS: "git", URL: "https://example.com/a" }],
  ];
  for (const [first, then] of rows) {
    const { answers, events } = await changed({ origin: first }, { origin: then, time: "2025-01-01T00:00:00Z" }, [
      info,
    ]);
    assert.deepEqual([answers[0]?.status, events], [200, []], JSON.stringify([first, then]));
  }
});

test("a confirmed copy whose upstream now has another go.mod or another commit is drift; a login page is none", async () => {
  const tree = await moduleTree([{ ...place, origin: origin("aaaa") }]);
  const other = await moduleTree([{ ...place, origin: origin("bbbb"), goMod: "module example.com/a\n\ngo 1.22\n" }]);
  const dated = await moduleTree([{ ...place, origin: origin("aaaa"), time: "2025-01-01T00:00:00Z" }]);
  await using upstream = await UpstreamServer.start({ tree });
  const settings = { confirm: { patterns: ["example.com/a"], every: "30s" } };
  await using bench = await gatewayBench({ upstream: upstream.url, ...settings });
  for (const path of [info, mod]) assert.equal((await bench.get(path)).status, 200);
  await bench.idle();
  await bench.clock.advance(31_000);
  upstream.tree = dated;
  assert.equal((await bench.get(info)).problem?.code, "UPSTREAM_DAMAGED");
  const done = upstream.fail({ match: "*", fault: { kind: "body", body: "<html>log in</html>" } });
  for (const path of [info, mod]) assert.equal((await bench.get(path)).problem?.code, "UPSTREAM_DAMAGED");
  assert.deepEqual(bench.securityEvents, []);
  done();
  upstream.tree = other;
  for (const path of [info, mod]) assert.equal((await bench.get(path)).problem?.code, "UPSTREAM_DAMAGED");
  assert.deepEqual(kinds(bench.securityEvents), ["drift", "drift"]);
  assert.partialDeepStrictEqual(bench.securityEvents, [
    { evidence: { file: "info", wanted: "refs/tags/v1.3.0 aaaa", got: "refs/tags/v1.3.0 bbbb" } },
    {
      evidence: {
        file: "mod",
        wanted: tree.get("example.com/a", "v1.3.0").modHash,
        got: other.get("example.com/a", "v1.3.0").modHash,
      },
    },
  ]);
});
