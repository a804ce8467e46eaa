import assert from "node:assert/strict";
import { test } from "node:test";
import { goCommand, type GoRunOptions } from "../testkit/go-command.ts";
import { moduleTree, type ModuleTree } from "../testkit/module-tree.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { fromFacts, notation } from "../testkit/request-notation.ts";
import { smallGraph, smallGraphMain } from "../testkit/small-graph.ts";
import { testSumdb } from "../testkit/sumdb-server.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

interface CommandRow {
  readonly command: string;
  /** In the main module of the small graph, in an empty one, or outside of any. */
  readonly where: "main" | "empty" | "outside";
  /** The cold requests of GO-FACTS B.2. */
  readonly asks: string;
}

const graphMods = "Upper/@v1.0.0.mod a/@v1.2.0.mod b/@v1.1.0.mod c/@C1.mod";
const graphInfos = "a/@v1.2.0.info Upper/@v1.0.0.info b/@v1.1.0.info c/@C1.info";
const graphZips = "Upper/@v1.0.0.zip a/@v1.2.0.zip b/@v1.1.0.zip c/@C1.zip";

const rows: readonly CommandRow[] = [
  { command: "mod download", where: "main", asks: `${graphMods} ${graphInfos} ${graphZips}` },
  { command: "build -o /dev/null ./...", where: "main", asks: `${graphMods} ${graphInfos} ${graphZips}` },
  { command: "mod tidy", where: "main", asks: `${graphMods} ${graphZips}` },
  { command: "mod verify", where: "main", asks: graphMods },
  { command: "list -m all", where: "main", asks: `${graphMods} ${graphInfos}` },
  {
    command: "list -m -u all",
    where: "main",
    asks: `${graphMods} ${graphInfos} Upper/@list a/@list a/@v1.3.0.info a/@v1.3.0.mod b/@list c/@list c/@latest c/@C2.mod SUMDB/lookup:a@v1.3.0 SUMDB/lookup:c@C2`,
  },
  {
    command: "get example.com/a",
    where: "empty",
    asks: "a/@list @list a/@v1.3.0.info a/@v1.3.0.mod a/@v1.3.0.zip Upper/@v1.0.0.zip b/@v1.1.0.zip Upper/@v1.0.0.mod b/@v1.1.0.mod c/@C1.zip c/@C1.mod b/@list Upper/@list b/@v1.1.0.info Upper/@v1.0.0.info c/@list c/@latest c/@C2.mod SUMDB/lookup:a@v1.3.0 SUMDB/lookup:Upper@v1.0.0 SUMDB/lookup:b@v1.1.0 SUMDB/lookup:c@C1 SUMDB/lookup:c@C2",
  },
  {
    command: "get example.com/a@main",
    where: "empty",
    asks: "a/@main.info @main.info a/@list a/@v1.3.0.info a/@v1.3.0.mod a/@PSEUDO.zip a/@PSEUDO.mod SUMDB/lookup:a@v1.3.0 SUMDB/lookup:a@PSEUDO",
  },
  {
    command: "list -m -versions example.com/a",
    where: "outside",
    asks: "a/@list a/@v1.3.0.info a/@v1.3.0.mod SUMDB/lookup:a@v1.3.0",
  },
  {
    command: "list -m example.com/a@>=v1.4.0-RC1",
    where: "outside",
    asks: "a/@list a/@v1.3.0.info a/@v1.3.0.mod a/@v1.4.0-%21r%21c1.info a/@v1.4.0-%21r%21c1.mod SUMDB/lookup:a@v1.3.0 SUMDB/lookup:a@v1.4.0-%21r%21c1",
  },
  {
    command: "list -m example.com/inc@latest",
    where: "outside",
    asks: "inc/@list inc/@v1.0.0.mod inc/@v2.0.0+incompatible.info inc/@v2.0.0+incompatible.mod SUMDB/lookup:inc@v1.0.0 SUMDB/lookup:inc@v2.0.0+incompatible",
  },
  {
    command: "install example.com/tool@latest",
    where: "outside",
    asks: "tool/@list @list tool/@v1.0.0.info tool/@v1.0.0.mod tool/@v1.0.0.zip a/@v1.1.0.zip a/@v1.1.0.mod b/@v1.0.0.zip b/@v1.0.0.mod a/@v1.1.0.info b/@v1.0.0.info SUMDB/lookup:tool@v1.0.0 SUMDB/lookup:a@v1.1.0 SUMDB/lookup:b@v1.0.0",
  },
];

for (const row of rows) {
  test(`go ${row.command} works through serve, cold and warm, with the checksum database on`, async () => {
    const tree = await smallGraph();
    const sumdb = testSumdb(tree, { padTo: 343 });
    await using upstream = await UpstreamServer.start({ tree });
    await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
    await using modgate = await ModgateProcess.start({ upstream: upstream.url, sumdb: `${sumdb.key} ${database.url}` });
    await using go = await goCommand({ GOPROXY: modgate.url, GOSUMDB: sumdb.key });
    const main = {
      main: smallGraphMain(tree),
      empty: { goMod: "module example.com/main\n\ngo 1.21\n" },
      outside: null,
    }[row.where];
    const run = async (): Promise<string> => {
      const options: GoRunOptions = main ? { cwd: await go.project(main) } : {};
      const result = await go.run(row.command.split(" "), options);
      assert.equal(result.exitCode, 0, `${result.stdout}${result.stderr}`);
      return result.stdout;
    };

    const cold = await run();
    const asked = [...new Set(fromFacts(row.asks))];
    assert.deepEqual(
      notation(upstream.requests),
      asked.filter((name) => !name.startsWith("SUMDB/")),
      "each file is asked of the upstream once",
    );
    const lookups = notation(database.requests).filter(
      (name) => name.startsWith("/lookup/") || name.includes("lookup"),
    );
    const hashed = asked.filter((name) => /\.(?:mod|zip)$/.test(name)).map((name) => name.replace(/\.\w+$/, ""));
    assert.equal(
      lookups.length,
      new Set(hashed).size,
      `one lookup proves both files of a version: ${lookups.join(" ")}`,
    );
    assert.equal(new Set(lookups).size, lookups.length, "each record is asked of the database once");

    await go.coldCache();
    upstream.reset();
    database.reset();
    const warm = await run();
    assert.equal(warm, cold, "the second run sees the same");
    assert.deepEqual(notation(upstream.requests), [], "a warm gateway asks the upstream nothing");
    assert.deepEqual(notation(database.requests), [], "a warm gateway asks the database nothing");
  });
}

test("serve refuses a zip that the checksum database knows with another hash, and go prints both", async () => {
  const odd = (content: string): Promise<ModuleTree> =>
    moduleTree([{ path: "example.com/odd", version: "v1.0.0", files: { "odd.go": content } }]);
  const sumdb = testSumdb(await odd("package odd\n"));
  await using upstream = await UpstreamServer.start({ tree: await odd("package odd // changed\n") });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url, sumdb: `${sumdb.key} ${database.url}` });
  await using go = await goCommand({ GOPROXY: modgate.url, GOSUMDB: sumdb.key });
  const result = await go.run(["mod", "download", "example.com/odd@v1.0.0"]);
  assert.notEqual(result.exitCode, 0);
  assert.match(
    result.stderr,
    /modgate: damaged: example\.com\/odd@v1\.0\.0 \(\.zip\).* has h1:\S{44}, but \S+ says h1:\S{44}/,
  );
  assert.match(result.stderr, /\(SUMDB_MISMATCH\)/);
});
