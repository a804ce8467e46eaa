import assert from "node:assert/strict";
import { test } from "node:test";
import { answerFaults, bodyFaults, type FactFault } from "./fact-faults.ts";
import { goCommand } from "./go-command.ts";
import { moduleTree } from "./module-tree.ts";
import { fromFacts, notation } from "./request-notation.ts";
import { smallGraph, smallGraphMain } from "./small-graph.ts";
import { testSumdb } from "./sumdb-server.ts";
import { UpstreamServer } from "./upstream-server.ts";

// GO-FACTS B.2: without a gateway the real go asks a test upstream exactly this, checksum database included.
const coldRequests: readonly (readonly [string, string])[] = [
  [
    "mod download",
    "Upper/@v1.0.0.mod a/@v1.2.0.mod b/@v1.1.0.mod c/@C1.mod a/@v1.2.0.info Upper/@v1.0.0.info b/@v1.1.0.info c/@C1.info Upper/@v1.0.0.zip a/@v1.2.0.zip b/@v1.1.0.zip c/@C1.zip",
  ],
  [
    "list -m -u all",
    "a/@v1.2.0.mod Upper/@v1.0.0.mod b/@v1.1.0.mod c/@C1.mod a/@v1.2.0.info Upper/@v1.0.0.info Upper/@list b/@v1.1.0.info a/@list a/@v1.3.0.info b/@list c/@C1.info a/@v1.3.0.mod c/@list SUMDB/supported SUMDB/lookup:a@v1.3.0 c/@latest SUMDB/tile/8/1/000.p/1 c/@C2.mod SUMDB/tile/8/0/001.p/87 SUMDB/lookup:c@C2",
  ],
  [
    "list -m example.com/a@main",
    "a/@main.info a/@PSEUDO.mod SUMDB/supported SUMDB/lookup:a@PSEUDO SUMDB/tile/8/1/000.p/1 SUMDB/tile/8/0/001.p/87",
  ],
  [
    "list -m -versions example.com/a",
    "a/@list a/@v1.3.0.info a/@v1.3.0.mod SUMDB/supported SUMDB/lookup:a@v1.3.0 SUMDB/tile/8/0/001.p/87 SUMDB/tile/8/1/000.p/1",
  ],
];

test("the real go accepts testSumdb and asks UpstreamServer what GO-FACTS B.2 lists", async () => {
  const tree = await smallGraph();
  const sumdb = testSumdb(tree, { padTo: 343 });
  await using upstream = await UpstreamServer.start({ tree, responders: [sumdb] });
  await using go = await goCommand({ GOPROXY: upstream.url, GOSUMDB: sumdb.key });
  const cwd = await go.project(smallGraphMain(tree));
  for (const [command, expected] of coldRequests) {
    await go.coldCache();
    upstream.reset();
    const result = await go.run(command.split(" "), command.includes("example.com/") ? {} : { cwd });
    assert.equal(result.exitCode, 0, `go ${command}: ${result.stderr}`);
    assert.deepEqual(notation(upstream.requests), fromFacts(expected), `go ${command}`);
  }
});

test("go refuses a record of testSumdb that does not fit the module", async () => {
  const tree = await smallGraph();
  const other = await moduleTree([{ path: "example.com/a", version: "v1.0.0", files: { "a.go": "package other\n" } }]);
  const sumdb = testSumdb(other);
  await using upstream = await UpstreamServer.start({ tree, responders: [sumdb] });
  await using go = await goCommand({ GOPROXY: upstream.url, GOSUMDB: sumdb.key });
  const result = await go.run(["mod", "download", "example.com/a@v1.0.0"]);
  assert.match(result.stderr, /SECURITY ERROR/);
});

test("applyFault makes the real go print what GO-FACTS A.2 and A.3 list", async () => {
  const tree = await smallGraph();
  const rows = [...answerFaults(), ...(await bodyFaults(tree.get("example.com/a", "v1.0.0")))];
  await using first = await UpstreamServer.start({ tree });
  await using second = await UpstreamServer.start({ tree, name: "P2" });
  await using go = await goCommand();
  for (const row of rows) {
    first.reset();
    first.fail({ match: `/example.com/a/@v/v1.0.0.${row.file}`, fault: row.fault });
    await go.coldCache();
    const args = ["mod", "download", "example.com/a@v1.0.0"];
    const alone = await go.run(args, { env: { GOPROXY: first.url } });
    checkMessage(row, alone.stderr, first.port);
    if (row.go === "accepted") continue;
    await go.coldCache();
    second.reset();
    await go.run(args, { env: { GOPROXY: `${first.url},${second.url}` } });
    assert.equal(second.hits() > 0, row.go === "next", `${row.name}: go ${row.go === "next" ? "goes on" : "stops"}`);
  }
});

function checkMessage(row: FactFault, stderr: string, port: number): void {
  if (row.prints === null) return assert.equal(stderr, "", row.name);
  const want = row.prints.replaceAll("{P1}", `127.0.0.1:${port}`).replaceAll("{M}", "example.com/a");
  assert.ok(stderr.startsWith(want), `${row.name}: go printed ${stderr}instead of ${want}`);
}
