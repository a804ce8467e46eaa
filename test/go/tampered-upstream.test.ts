import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { tamperedTree } from "../testkit/tampered-tree.ts";
import { generateGraph } from "../testkit/generate-graph.ts";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree } from "../testkit/module-tree.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { testSumdb } from "../testkit/sumdb-server.ts";
import { tempDir } from "../testkit/temp-dir.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Every zip below a cache folder. */
async function visibleZips(cache: string): Promise<string[]> {
  const names = await readdir(cache, { recursive: true }).catch(() => []);
  const zips = names.filter((name) => name.endsWith(".zip"));
  return Promise.all(zips.map(async (name) => digest(await readFile(join(cache, name)))));
}

test("serve lets no tampered zip in: the build fails with both hashes, and succeeds with an honest upstream behind", async () => {
  const graph = await generateGraph({ modules: 40, seed: 4 });
  const honest = new Set(graph.tree.versions.map(({ zip }) => digest(zip)));
  const evil = await tamperedTree(graph.tree, (index) => index % 2 === 1);
  const sumdb = testSumdb(graph.tree, { padTo: 343 });
  await using tampering = await UpstreamServer.start({ tree: evil, name: "evil" });
  await using good = await UpstreamServer.start({ tree: graph.tree, name: "good" });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  await using folder = await tempDir("tampered");
  const data = join(folder.path, "data");
  const upstreams = { evil: { url: tampering.url }, good: { url: good.url } };
  const start = (upstream: string): Promise<ModgateProcess> =>
    ModgateProcess.start({ config: { upstream, upstreams }, data, sumdb: `${sumdb.key} ${database.url}` });
  // A client that checks nothing is who such a gateway is for.
  await using go = await goCommand({ GOSUMDB: "off" });
  const main = { goMod: graph.main.goMod, files: graph.main.files };
  {
    await using modgate = await start("evil");
    const cwd = await go.project(main);
    const result = await go.run(["mod", "tidy"], { cwd, env: { GOPROXY: modgate.url } });
    assert.notEqual(result.exitCode, 0);
    assert.match(
      result.stderr,
      /modgate: damaged: gen\.example\/m\d+@v1\.0\.0 \(\.zip\) .* has h1:\S{44}, but \S+ says h1:\S{44}/,
    );
    for (const { path } of evil.versions) await httpGet(modgate.url, `/${path}/@v/v1.0.0.zip`);
    for (const zip of await visibleZips(join(data, "cache"))) assert.ok(honest.has(zip), `${zip} is visible`);
    const kept = await readdir(join(data, "quarantine"));
    assert.ok(kept.length >= 20, `${kept.length} in quarantine`);
    const evidence = JSON.parse(await readFile(join(data, "quarantine", kept[0] ?? "", "evidence.json"), "utf8"));
    assert.partialDeepStrictEqual(evidence, { upstream: "evil", file: "zip", wantedBy: sumdb.name });
    assert.equal(evidence.wanted, graph.tree.get(evidence.module, "v1.0.0").zipHash);
    const refused = evil.versions.find(({ path }) => path === evidence.module);
    assert.equal(evidence.got, refused?.zipHash);
    const bytes = await readFile(join(data, "quarantine", kept[0] ?? "", "module.zip"));
    assert.ok(refused?.zip.equals(bytes));
    const metrics = (await httpGet(modgate.url, "/metrics")).body.toString();
    assert.match(metrics, /modgate_security_events_total\{kind="mismatch"\} (?:2\d|[3-9]\d)/);
  }
  await using modgate = await start("evil,good");
  const cwd = await go.project(main);
  const result = await go.run(["mod", "tidy"], { cwd, env: { GOPROXY: modgate.url } });
  assert.equal(result.exitCode, 0, result.stderr);
  // What is served is published behind the answer.
  assert.equal(await modgate.stop(), 0);
  assert.deepEqual(new Set(await visibleZips(join(data, "cache"))), honest);
});

test("serve proves a .mod alone, and refuses one that the database has not", async () => {
  const tree = await smallGraph();
  const sumdb = testSumdb(tree);
  await using upstream = await UpstreamServer.start({ tree });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  upstream.fail({
    match: "/example.com/a/@v/v1.2.0.mod",
    fault: { kind: "body", body: "module example.com/a\n\nrequire evil.example/x v1.0.0\n" },
  });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, sumdb: `${sumdb.key} ${database.url}` });
  const refused = await httpGet(modgate.url, "/example.com/a/@v/v1.2.0.mod");
  assert.equal(refused.status, 502);
  assert.match(refused.body.toString(), /\(\.mod\) from upstream .* has h1:.*\(SUMDB_MISMATCH\)/s);
  assert.equal((await httpGet(modgate.url, "/example.com/a/@v/v1.3.0.mod")).status, 200);
  assert.equal(upstream.hits("*.zip"), 0);
});

test("serve refuses a version that the database does not know, and says what to do", async () => {
  const tree = await smallGraph();
  const sumdb = testSumdb(tree, { without: ["example.com/a@v1.2.0"] });
  await using upstream = await UpstreamServer.start({ tree });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  const sums = `${sumdb.key} ${database.url}`;
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, sumdb: sums });
  const { status, body } = await httpGet(modgate.url, "/example.com/a/@v/v1.2.0.zip");
  assert.equal(status, 403);
  assert.match(body.toString(), /private:.*\(SUMDB_UNKNOWN\)/s);
  // A lookup gets the database's own answer.
  const lookup = await httpGet(modgate.url, `/sumdb/${sumdb.name}/lookup/example.com/a@v1.2.0`);
  assert.equal(lookup.status, 404);
});

test("serve pins what a private module was first, refuses another answer later, and asks no database for it", async () => {
  const first = await moduleTree([{ path: "corp.example/p", version: "v1.0.0", files: { "p.go": "package p\n" } }]);
  const other = await moduleTree([
    { path: "corp.example/p", version: "v1.0.0", files: { "p.go": "package p // 2\n" } },
  ]);
  const sumdb = testSumdb(await smallGraph());
  await using upstream = await UpstreamServer.start({ tree: first });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  await using folder = await tempDir("first-seen");
  const data = join(folder.path, "data");
  const start = (): Promise<ModgateProcess> =>
    ModgateProcess.start({
      config: {
        upstream: "corp",
        upstreams: { corp: { url: upstream.url, private: true } },
        private: ["corp.example"],
      },
      sumdb: `${sumdb.key} ${database.url}`,
      data,
    });
  const path = "/corp.example/p/@v/v1.0.0.zip";
  {
    await using modgate = await start();
    assert.equal((await httpGet(modgate.url, path)).status, 200);
  }
  // Evicted, and by then the upstream has something else.
  await rm(join(data, "cache"), { recursive: true });
  upstream.tree = other;
  await using modgate = await start();
  const { status, body } = await httpGet(modgate.url, path);
  assert.equal(status, 502);
  assert.match(
    body.toString(),
    /has h1:\S{44}, but what was first seen here on \d{4}-\d\d-\d\d says h1:\S{44}.*\(FIRST_SEEN_MISMATCH\)/s,
  );
  upstream.tree = first;
  assert.equal((await httpGet(modgate.url, path)).status, 200);
  assert.equal(database.requests.length, 0);
  const asked = await httpGet(modgate.url, `/sumdb/${sumdb.name}/lookup/corp.example/p@v1.0.0`);
  assert.equal(asked.status, 403, "a private name never leaves, even when go asks for it");
  assert.equal(database.requests.length, 0);
});
