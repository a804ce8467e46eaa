import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { flipBit } from "../testkit/flip-bit.ts";
import { goCommand } from "../testkit/go-command.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { binFolder, type Cli, cli } from "../testkit/run-cli.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { testSumdb } from "../testkit/sumdb-server.ts";
import { tamperedTree } from "../testkit/tampered-tree.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

interface Report {
  readonly imported: number;
  readonly present: number;
  readonly proved: boolean;
  readonly refused: readonly { readonly name: string; readonly reason: string; readonly isMismatch: boolean }[];
}

const names = ["example.com/a@v1.0.0", "example.com/b@v1.1.0"];

/** A gateway's data folder with some modules and what proves them, and the same as a folder to make tars of. */
async function filled(place: Cli) {
  const tree = await smallGraph();
  const sumdb = testSumdb(tree, { padTo: 343 });
  const upstream = await UpstreamServer.start({ tree });
  const database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  const spec = `${sumdb.key} ${database.url}`;
  await writeFile(join(place.folder, "go.sum"), tree.goSum(names));
  const from = ["--data", "from", "--upstream", upstream.url, "--sumdb", spec];
  const filling = await place.run(["cache", "prefetch", "go.sum", ...from]);
  assert.equal(filling.exitCode, 0, filling.stderr);
  await cp(join(place.folder, "from/cache"), join(place.folder, "tar"), { recursive: true });
  return {
    tree,
    sumdb,
    spec,
    upstream,
    database,
    async [Symbol.asyncDispose]() {
      await upstream[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

async function importing(place: Cli, args: readonly string[], want = 0): Promise<Report> {
  const folder = join(place.folder, "tar");
  const made = spawnSync("tar", ["-C", folder, "-cf", join(place.folder, "x.tar"), "."]);
  assert.equal(made.status, 0);
  const result = await place.run(["cache", "import", "x.tar", "--json", ...args]);
  assert.equal(result.exitCode, want, `${result.stdout}${result.stderr}`);
  return (JSON.parse(result.stdout) as { data: Report }).data;
}

test("modgate cache import proves every file from the lookups and tiles of the same tar, without a network", async () => {
  await using place = await cli();
  await using world = await filled(place);
  const { sumdb, spec, upstream, database } = world;
  const asked = [upstream.hits(), database.hits()];
  const offline = ["--network", "offline", "--upstream", "off", "--sumdb", spec];
  const report = await importing(place, ["--data", "to", ...offline]);
  assert.deepEqual([report.refused, report.present, report.proved], [[], 0, true]);
  const verified = await place.run(["sumdb", "verify", "--data", "to", "--sumdb", spec]);
  assert.equal(verified.exitCode, 0, verified.stdout);
  assert.match(verified.stdout, /: 2 lookups and \d tiles looked at, 0 wrong, 0 unproved/);
  assert.deepEqual([upstream.hits(), database.hits()], asked);
  const again = await importing(place, ["--data", "to", ...offline]);
  assert.deepEqual([again.imported, again.present], [0, report.imported]);
  // From a pipe, where the tar cannot be read twice.
  const child = spawn(join(binFolder, "modgate"), ["cache", "import", "-", "--json", "--data", "piped", ...offline], {
    cwd: place.folder,
    env: { PATH: process.env["PATH"], HOME: place.folder, GOENV: "off" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  const exited = new Promise((resolve) => child.on("close", resolve));
  await pipeline(createReadStream(join(place.folder, "x.tar")), child.stdin);
  assert.equal(await exited, 0);
  assert.partialDeepStrictEqual(JSON.parse(stdout), { data: { imported: report.imported, refused: [] } });
  assert.deepEqual(
    (await readdir(join(place.folder, "piped/tmp"))).filter((name) => name.endsWith(".part")),
    [],
  );

  await using modgate = await ModgateProcess.start({
    data: join(place.folder, "to"),
    args: ["--network", "offline", "--upstream", "off"],
    sumdb: spec,
  });
  await using go = await goCommand({ GOPROXY: modgate.url, GOSUMDB: sumdb.key });
  const result = await go.run(["mod", "download", ...names]);
  assert.equal(result.exitCode, 0, result.stderr);
});

test("modgate cache import takes in nothing that is wrong: it is named, and in quarantine, and --trust takes all", async () => {
  await using place = await cli();
  await using world = await filled(place);
  const { tree, sumdb, spec, upstream } = world;
  const evil = await tamperedTree(tree, () => true);
  const zip = "example.com/a/@v/v1.0.0.zip";
  const lookup = `sumdb/${sumdb.name}/lookup/example.com/b@v1.1.0`;
  const stranger = "example.com/none/@v/v1.0.0.mod";
  const folder = join(place.folder, "tar");
  const goodLookup = await readFile(join(folder, lookup));
  await writeFile(join(folder, zip), evil.get("example.com/a", "v1.0.0").zip);
  await writeFile(join(folder, lookup), flipBit(goodLookup, 8 * 50));
  await mkdir(join(folder, "example.com/none/@v"), { recursive: true });
  await writeFile(join(folder, stranger), "module example.com/none\n");

  const offline = ["--network", "offline", "--upstream", "off", "--sumdb", spec];
  const alone = await importing(place, ["--data", "alone", ...offline], 4);
  const reasons = new Map(
    alone.refused.map(({ name, reason, isMismatch }) => [name.replace(/^\.\//, ""), { reason, isMismatch }]),
  );
  const wrongZip = reasons.get(zip);
  assert.ok(wrongZip?.isMismatch);
  assert.ok(
    wrongZip.reason.includes(`${sumdb.name} says ${tree.get("example.com/a", "v1.0.0").zipHash}; kept as quarantine/`),
  );
  assert.ok(reasons.get(lookup)?.isMismatch, "damaged");
  // Nothing is left that would prove them.
  for (const end of ["mod", "zip"]) assert.ok(reasons.has(`example.com/b/@v/v1.1.0.${end}`), end);
  assert.match(reasons.get(stranger)?.reason ?? "", /is not in the cache, and this gateway is offline/);
  const [quarantined = ""] = await readdir(join(place.folder, "alone/quarantine"));
  const kept = join(place.folder, "alone/quarantine", quarantined);
  assert.partialDeepStrictEqual(JSON.parse(await readFile(join(kept, "evidence.json"), "utf8")), {
    upstream: "import",
    file: "zip",
    wantedBy: sumdb.name,
    got: evil.get("example.com/a", "v1.0.0").zipHash,
  });
  await assert.rejects(readFile(join(place.folder, "alone/cache", zip)));

  // Where the database can be asked, what was brought wrong of it is asked for.
  const online = ["--upstream", upstream.url, "--sumdb", spec];
  const better = await importing(place, ["--data", "online", ...online], 4);
  assert.deepEqual(better.refused.map(({ name }) => name.replace(/^\.\//, "")).sort(), [stranger, zip].sort());
  const recordOf = (text: string): string => text.split("\n\n")[0] ?? "";
  const mended = await readFile(join(place.folder, "online/cache", lookup), "utf8");
  assert.equal(recordOf(mended), recordOf(goodLookup.toString()));

  const trusted = await importing(place, ["--data", "trusted", "--trust", ...offline]);
  assert.deepEqual([trusted.refused, trusted.proved], [[], false]);
  assert.ok(evil.get("example.com/a", "v1.0.0").zip.equals(await readFile(join(place.folder, "trusted/cache", zip))));
  const found = await place.run(["cache", "verify", "--no-refetch", "--data", "trusted", ...online]);
  assert.equal(found.exitCode, 4, found.stdout);
});

test("modgate cache import pins a private version as it was first seen, and refuses another of it", async () => {
  await using place = await cli();
  await using world = await filled(place);
  const { tree, spec, database } = world;
  const evil = await tamperedTree(tree, () => true);
  await writeFile(
    join(place.folder, "modgate.json"),
    JSON.stringify({ private: ["example.com"], upstream: "off", sumdb: spec }),
  );
  const settings = ["--config", "modgate.json", "--data", "to"];
  const asked = database.hits();
  assert.deepEqual((await importing(place, settings)).refused, []);
  assert.equal(database.hits(), asked, "a private name is not looked up");
  const zip = "example.com/a/@v/v1.0.0.zip";
  await writeFile(join(place.folder, "tar", zip), evil.get("example.com/a", "v1.0.0").zip);
  assert.deepEqual((await importing(place, settings)).refused, [], "what is here stays as it is");
  assert.equal((await place.run(["cache", "prune", "--to", "0B", "--data", "to"])).exitCode, 0);
  const [refused, ...others] = (await importing(place, settings, 4)).refused;
  assert.deepEqual(others, []);
  assert.match(refused?.reason ?? "", /has h1:\S{44}, but what was first seen here on \S+ says h1:/);
});
