import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { generateGraph } from "../testkit/generate-graph.ts";
import { goCommand } from "../testkit/go-command.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree } from "../testkit/module-tree.ts";
import { cli, type Cli } from "../testkit/run-cli.ts";
import { testSumdb } from "../testkit/sumdb-server.ts";
import { vulndbFiles, writeVulndb } from "../testkit/vulndb.ts";
import { httpGet } from "../testkit/http-get.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

interface Created {
  readonly verifierKey: string;
  readonly modules: number;
  readonly files: number;
  readonly inherited: number;
}

async function json<T>(place: Cli, args: readonly string[]): Promise<T> {
  const { exitCode, stdout, stderr } = await place.run([...args, "--json"]);
  assert.equal(exitCode, 0, `${args.join(" ")}\n${stdout}${stderr}`);
  return (JSON.parse(stdout) as { data: T }).data;
}

test("a gateway that is fed by bundles alone lets go download, list and check everything", async () => {
  const graph = await generateGraph({ modules: 24, seed: 20 });
  const later = await moduleTree([{ path: "later.example/n", version: "v1.0.0", files: { "n.go": "package n\n" } }]);
  const secret = await moduleTree([{ path: "corp.example/p", version: "v1.0.0", files: { "p.go": "package p\n" } }]);
  const toolchain = await moduleTree([
    { path: "golang.org/toolchain", version: "v0.0.1-go1.99.0.linux-amd64", goMod: null, files: { "bin/go": "go" } },
  ]);
  const sumdb = testSumdb(graph.tree, { padTo: 700 });
  sumdb.add(toolchain);
  await using upstream = await UpstreamServer.start({ responders: [graph.tree, later, secret, toolchain] });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  await using outside = await cli();
  await using inside = await cli();
  const at = (name: string): string => join(outside.folder, name);
  const sums = `${sumdb.key} ${database.url}`;
  const config = at("modgate.yaml");
  const corp = { corp: { url: upstream.url, private: true } };
  const settings = { upstream: "corp", upstreams: corp, private: ["corp.example"], vulndb: { source: at("vulndb") } };
  await writeFile(config, JSON.stringify(settings));
  const entries = vulndbFiles([{ id: "GO-2026-0001", module: "gen.example/m1", ranges: [["0", "1.1.0"]] }]);
  await writeVulndb(at("vulndb"), entries);
  const setup = ["--config", config, "--data", at("data"), "--sumdb", sums];
  await writeFile(at("go.sum"), graph.main.goSum + secret.goSum());
  const first = await json<Created>(outside, [
    "bundle",
    "create",
    "go.sum",
    "--vulndb",
    "--toolchain",
    "go1.99.0.linux-amd64",
    "--out",
    "one.tar",
    ...setup,
  ]);
  assert.equal(first.modules, 26);

  // Time goes by: the tree of the database grows.
  sumdb.add(later);
  sumdb.growTo(1500);
  await writeFile(at("go.sum"), graph.main.goSum + later.goSum());
  const second = await json<Created>(outside, [
    "bundle",
    "create",
    "go.sum",
    "--since",
    "one.tar",
    "--out",
    "two.tar",
    ...setup,
  ]);
  assert.equal(second.inherited, 72, "three files of each of 24 versions");
  assert.equal(second.verifierKey, first.verifierKey, "one key signs both");

  // On the other side there is no network, only the two files and the keys.
  const data = join(inside.folder, "data");
  const trusted = ["--sumdb", sumdb.key, "--trusted-key", first.verifierKey];
  const tooEarly = await inside.run(["bundle", "import", at("two.tar"), "--data", data, ...trusted]);
  assert.equal(tooEarly.exitCode, 4);
  assert.match(tooEarly.stderr, /goes on from an earlier one.*import the bundle that it was made --since first/s);
  for (const file of ["one.tar", "two.tar"]) {
    await json(inside, ["bundle", "verify", at(file), ...trusted]);
    await json(inside, ["bundle", "import", at(file), "--data", data, ...trusted]);
  }
  await using modgate = await ModgateProcess.start({
    data,
    sumdb: sumdb.key,
    args: ["--network", "offline", "--vulndb-source", inside.folder],
  });
  await using go = await goCommand({ GOPROXY: modgate.url, GOSUMDB: sumdb.key });
  const cwd = await go.project({ goMod: graph.main.goMod, files: graph.main.files });
  const tidy = await go.run(["mod", "tidy"], { cwd });
  assert.equal(tidy.exitCode, 0, tidy.stderr);
  const lines = (text: string): string[] => text.split("\n").sort();
  assert.deepEqual(lines(await readFile(join(cwd, "go.sum"), "utf8")), lines(graph.main.goSum));
  const listed = await go.run(["list", "-m", "-versions", "later.example/n"]);
  assert.equal(listed.stdout.trim(), "later.example/n v1.0.0");
  const latest = await go.run(["list", "-m", "later.example/n@latest"]);
  assert.equal(latest.stdout.trim(), "later.example/n v1.0.0", latest.stderr);
  const both = await go.run(["mod", "download", "later.example/n@v1.0.0"]);
  assert.equal(both.exitCode, 0, both.stderr);
  const chain = await httpGet(modgate.url, "/golang.org/toolchain/@v/v0.0.1-go1.99.0.linux-amd64.zip");
  assert.deepEqual(chain.body, toolchain.versions[0]?.zip);
  const entry = await httpGet(modgate.url, "/vulndb/ID/GO-2026-0001.json");
  assert.equal(entry.body.toString(), entries.get("ID/GO-2026-0001.json"));
  const hidden = await go.run(["mod", "download", "corp.example/p@v1.0.0"], { env: { GONOSUMDB: "corp.example" } });
  assert.equal(hidden.exitCode, 0, hidden.stderr);
});

test("bundle verify refuses any change, an unknown signer and an unknown database", async (t) => {
  const graph = await generateGraph({ modules: 4, seed: 21 });
  const sumdb = testSumdb(graph.tree, { padTo: 300 });
  const other = testSumdb(graph.tree, { padTo: 300 });
  await using upstream = await UpstreamServer.start({ tree: graph.tree });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  await using place = await cli();
  await writeFile(join(place.folder, "go.sum"), graph.main.goSum);
  const { verifierKey } = await json<Created>(place, [
    "bundle",
    "create",
    "go.sum",
    "--out",
    "b.tar",
    "--upstream",
    upstream.url,
    "--data",
    join(place.folder, "d"),
    "--sumdb",
    `${sumdb.key} ${database.url}`,
  ]);
  const verify = async (
    file: string,
    key: string,
    sums: string,
  ): Promise<{ exitCode: number | null; stderr: string }> =>
    place.run(["bundle", "verify", file, "--trusted-key", key, "--sumdb", sums]);
  assert.equal((await verify("b.tar", verifierKey, sumdb.key)).exitCode, 0);
  const stranger = await verify("b.tar", sumdb.key, sumdb.key);
  assert.equal(stranger.exitCode, 4);
  assert.match(stranger.stderr, /not signed by a key that is trusted here/);
  const wrongDatabase = await verify("b.tar", verifierKey, other.key);
  assert.equal(wrongDatabase.exitCode, 4, wrongDatabase.stderr);

  const bytes = await readFile(join(place.folder, "b.tar"));
  // One flipped bit in each part: note, manifest, lookup or tile, and the last zip.
  const places = [600, 2000, Math.floor(bytes.length / 2), bytes.length - 2000];
  for (const at of places) {
    t.diagnostic(`flipped at ${at}`);
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await writeFile(join(place.folder, "changed.tar"), changed);
    const { exitCode, stderr } = await verify("changed.tar", verifierKey, sumdb.key);
    assert.equal(exitCode, 4, `${at}: ${stderr}`);
  }
  await writeFile(join(place.folder, "short.tar"), bytes.subarray(0, bytes.length - 4096));
  assert.equal((await verify("short.tar", verifierKey, sumdb.key)).exitCode, 4);
});
