import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { moduleTree } from "../testkit/module-tree.ts";
import { type Cli, cli } from "../testkit/run-cli.ts";
import { smallGraph, smallGraphMain } from "../testkit/small-graph.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

/** Runs `modgate cache …` over a folder and gives its data; the exit code must be the wanted one. */
async function cache(place: Cli, args: readonly string[], exitCode = 0): Promise<Record<string, unknown>> {
  const result = await place.run(["cache", ...args, "--json"]);
  assert.equal(result.exitCode, exitCode, `cache ${args.join(" ")}: ${result.stdout}${result.stderr}`);
  const answer = JSON.parse(result.stdout) as {
    schemaVersion: number;
    exitCode: number;
    data: Record<string, unknown>;
  };
  assert.deepEqual([answer.schemaVersion, answer.exitCode], [1, exitCode]);
  return answer.data;
}

test("prefetch, export and import carry a go.sum to a gateway that is offline, and go builds there", async () => {
  const tree = await smallGraph();
  const main = smallGraphMain(tree);
  await using upstream = await UpstreamServer.start({ tree });
  await using place = await cli();
  await writeFile(join(place.folder, "go.sum"), main.goSum);
  await writeFile(
    join(place.folder, "more.sum"),
    `${main.goSum}${tree.goSum(["example.com/b@v1.0.0"]).replaceAll("v1.0.0", "v7.0.0")}`,
  );
  const source = ["--data", "here", "--upstream", upstream.url, "--sumdb", "off"];

  const fetched = await cache(place, ["prefetch", "go.sum", ...source]);
  assert.deepEqual([fetched["files"], fetched["fetched"]], [12, 12]);
  assert.equal(upstream.requests.length, 12, "each file once");
  assert.equal((await cache(place, ["prefetch", "go.sum", ...source]))["fetched"], 0);
  const some = await cache(place, ["prefetch", "more.sum", ...source], 1);
  assert.equal((some["failures"] as object[]).length, 3, "what cannot be had is named, and the exit code is 1");

  await cache(place, ["export", "cache.tar", "--data", "here"]);
  const taken = await cache(place, ["import", "cache.tar", "--data", "there", "--sumdb", "off"]);
  assert.deepEqual([taken["imported"], taken["refused"]], [12, []]);
  await using offline = await ModgateProcess.start({
    data: join(place.folder, "there"),
    args: ["--network", "offline", "--upstream", "off"],
  });
  await using go = await goCommand({ GOPROXY: offline.url });
  const built = await go.run(["build", "-o", "/dev/null", "./..."], { cwd: await go.project(main) });
  assert.equal(built.exitCode, 0, built.stderr);
});

test("a cache over its limit drops what was used least lately, and keeps what is pinned", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `example.com/m${index}`);
  const tree = await moduleTree(
    names.map((path) => ({ path, version: "v1.0.0", files: { "data.bin": Buffer.alloc(40_000) }, stored: true })),
  );
  await using upstream = await UpstreamServer.start({ tree });
  await using place = await cli();
  const data = join(place.folder, "data");
  await writeFile(join(place.folder, "go.sum"), tree.goSum(["example.com/m0@v1.0.0"]));
  await cache(place, ["prefetch", "go.sum", "--pin", "--data", "data", "--upstream", upstream.url, "--sumdb", "off"]);
  await using modgate = await ModgateProcess.start({
    upstream: upstream.url,
    data,
    args: ["--cache-max-size", "200KiB"],
  });
  const zipOf = (name: string): string => `/${name}/@v/v1.0.0.zip`;
  for (const name of names) assert.equal((await httpGet(modgate.url, zipOf(name))).status, 200);
  const isHere = (name: string): boolean => existsSync(join(data, "cache", zipOf(name)));
  const deadline = Date.now() + 15_000;
  while (names.filter(isHere).length > 5 || isHere("example.com/m1") || !isHere("example.com/m11")) {
    assert.ok(Date.now() < deadline, `still here: ${names.filter(isHere).join(" ")}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(isHere("example.com/m0"), "pinned, though it was used least lately");
  assert.equal((await httpGet(modgate.url, zipOf("example.com/m1"))).status, 200, "what was dropped is fetched anew");
  assert.equal(upstream.hits(zipOf("example.com/m1")), 2);
  assert.equal(upstream.hits(zipOf("example.com/m0")), 1);
});
