import assert from "node:assert/strict";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { testSumdb } from "../testkit/sumdb-server.ts";
import { tamperedTree } from "../testkit/tampered-tree.ts";
import { tempDir } from "../testkit/temp-dir.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const eventsOf = async (modgate: ModgateProcess): Promise<Record<string, number>> => {
  const text = (await httpGet(modgate.url, "/metrics")).body.toString();
  const lines = [...text.matchAll(/^modgate_security_events_total\{kind="([^"]+)"\} (\d+)$/gm)];
  return Object.fromEntries(lines.map(([, kind, count]) => [kind, Number(count)]).filter(([, count]) => count !== 0));
};

test("an upstream that changes a version which was proved here is drift; one that was never right is a mismatch", async () => {
  const tree = await smallGraph();
  const sumdb = testSumdb(tree, { padTo: 343 });
  await using upstream = await UpstreamServer.start({ tree });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  await using folder = await tempDir("drift");
  const options = { upstream: upstream.url, sumdb: `${sumdb.key} ${database.url}`, data: join(folder.path, "data") };
  await using go = await goCommand({ GOSUMDB: "off" });
  {
    await using modgate = await ModgateProcess.start(options);
    const env = { GOPROXY: modgate.url };
    const first = await go.run(["mod", "download", "example.com/a@v1.3.0"], { env });
    assert.equal(first.exitCode, 0, first.stderr);
    assert.deepEqual(await eventsOf(modgate), {});
    assert.equal(await modgate.stop(), 0);
  }
  // Evicted, and the upstream has moved the tag meanwhile.
  await rm(join(options.data, "cache/example.com"), { recursive: true });
  upstream.tree = await tamperedTree(tree, () => true);
  const moved = JSON.parse(tree.get("example.com/a", "v1.3.0").info.toString());
  moved.Origin.Hash = "deadbeef".repeat(5);
  upstream.fail({ match: "/example.com/a/@v/v1.3.0.info", fault: { kind: "body", body: JSON.stringify(moved) } });
  await using modgate = await ModgateProcess.start(options);
  await go.coldCache();
  const second = await go.run(["mod", "download", "example.com/a@v1.3.0"], { env: { GOPROXY: modgate.url } });
  assert.notEqual(second.exitCode, 0);
  assert.match(
    second.stderr,
    /\(\.zip\) .* has h1:\S{44}, but \S+ says h1:\S{44}, as what was first seen here on \d{4}-\d\d-\d\d; kept as /,
  );
  // The .info of the tag that has moved, and the zip.
  assert.deepEqual(await eventsOf(modgate), { drift: 2 });
  assert.equal((await httpGet(modgate.url, "/example.com/a/@v/v1.0.0.zip")).status, 502);
  assert.deepEqual(await eventsOf(modgate), { drift: 2, mismatch: 1 });

  const logged = await modgate.logLine((line) => line["kind"] === "drift" && line["file"] === "info");
  assert.partialDeepStrictEqual(logged, {
    level: "error",
    msg: "security: drift",
    module: "example.com/a",
    version: "v1.3.0",
    wanted: `refs/tags/v1.3.0 ${"feedface".repeat(5)}`,
    got: `refs/tags/v1.3.0 ${"deadbeef".repeat(5)}`,
  });
  const names = (await readdir(join(options.data, "quarantine"))).sort();
  assert.equal(names.length, 3);
  const evidence = await Promise.all(
    names.map(async (name) =>
      JSON.parse(await readFile(join(options.data, "quarantine", name, "evidence.json"), "utf8")),
    ),
  );
  const zip = evidence.find((one) => one.version === "v1.3.0" && one.file === "zip");
  assert.match(zip.proof.firstSeenAt, /^\d{4}-/);
  assert.equal(zip.proof.database, sumdb.name, "what proves it stands there as well");
  const plain = evidence.find((one) => one.version === "v1.0.0");
  assert.equal(plain.proof.firstSeenAt, undefined);
  assert.deepEqual(
    await readFile(join(options.data, "quarantine", logged["quarantined"] as string, "version.info"), "utf8"),
    JSON.stringify(moved),
  );
});
