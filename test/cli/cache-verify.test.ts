import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { deadPort } from "../testkit/dead-port.ts";
import { generateGraph } from "../testkit/generate-graph.ts";
import { cli } from "../testkit/run-cli.ts";
import { tamperedTree } from "../testkit/tampered-tree.ts";
import { testSumdb } from "../testkit/sumdb-server.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

interface Report {
  readonly versions: number;
  readonly findings: readonly {
    readonly module: string;
    readonly file: string;
    readonly kind: string;
    readonly reason: string;
    readonly quarantined: string | null;
    readonly refetched: string | null;
  }[];
}

test("modgate cache verify finds what has changed on disk, keeps it with its evidence and fetches it anew", async () => {
  const graph = await generateGraph({ modules: 12, seed: 9 });
  const evil = await tamperedTree(graph.tree, () => true);
  const sumdb = testSumdb(graph.tree);
  await using upstream = await UpstreamServer.start({ tree: graph.tree });
  await using database = await UpstreamServer.start({ responders: [sumdb.atRoot] });
  await using place = await cli();
  const data = join(place.folder, "data");
  const setup = ["--data", data, "--upstream", upstream.url, "--sumdb", `${sumdb.key} ${database.url}`];
  await writeFile(join(place.folder, "go.sum"), graph.main.goSum);
  assert.equal((await place.run(["cache", "prefetch", "go.sum", ...setup])).exitCode, 0);
  const verify = async (...more: string[]): Promise<{ exitCode: number | null; report: Report }> => {
    const { exitCode, stdout } = await place.run(["cache", "verify", "--json", ...setup, ...more]);
    return { exitCode, report: (JSON.parse(stdout) as { data: Report }).data };
  };
  const sound = await verify();
  assert.deepEqual([sound.exitCode, sound.report.versions, sound.report.findings], [0, 12, []]);

  const fileOf = (module: number, end: string): string =>
    join(data, "cache", `gen.example/m${module}`, "@v", `v1.0.0.${end}`);
  const flipped = await readFile(fileOf(0, "zip"));
  flipped[60] = (flipped[60] ?? 0) ^ 4;
  await writeFile(fileOf(0, "zip"), flipped);
  await writeFile(fileOf(1, "zip"), evil.get("gen.example/m1", "v1.0.0").zip);
  await writeFile(fileOf(2, "mod"), "module gen.example/m2\n\nrequire evil.example/x v1.0.0\n");
  await writeFile(fileOf(3, "info"), "<html>log in</html>");
  await writeFile(fileOf(4, "zip"), "");
  const found = await verify();
  assert.equal(found.exitCode, 4);
  assert.deepEqual(
    found.report.findings.map(({ module, file, kind, refetched }) => [module, file, kind, refetched]),
    [
      ["gen.example/m0", "zip", "changed", "ok"],
      ["gen.example/m1", "zip", "changed", "ok"],
      ["gen.example/m2", "mod", "changed", "ok"],
      ["gen.example/m3", "info", "changed", "ok"],
      ["gen.example/m4", "zip", "changed", "ok"],
    ],
  );
  const { zipHash } = graph.tree.get("gen.example/m1", "v1.0.0");
  assert.ok(found.report.findings[1]?.reason.includes(`${sumdb.name} says ${zipHash}`));
  assert.equal((await readdir(join(data, "quarantine"))).length, 5);
  const kept = join(data, "quarantine", found.report.findings[1]?.quarantined ?? "", "module.zip");
  assert.ok(evil.get("gen.example/m1", "v1.0.0").zip.equals(await readFile(kept)));
  const again = await verify();
  assert.deepEqual([again.exitCode, again.report.findings], [0, []]);
});

test("modgate cache verify says what cannot be proved, and leaves it where it is", async () => {
  const graph = await generateGraph({ modules: 3, seed: 2 });
  const without = ["gen.example/m2@v1.0.0"];
  const whole = testSumdb(graph.tree);
  await using upstream = await UpstreamServer.start({ tree: graph.tree });
  await using place = await cli();
  const setup = ["--data", join(place.folder, "data"), "--upstream", upstream.url];
  await writeFile(join(place.folder, "go.sum"), graph.main.goSum);
  const offSumdb = await place.run(["cache", "prefetch", "go.sum", ...setup, "--sumdb", "off"]);
  assert.equal(offSumdb.exitCode, 0, offSumdb.stderr);
  const partial = testSumdb(graph.tree, { without });
  await using other = await UpstreamServer.start({ responders: [partial.atRoot] });
  const sumdb = `${partial.key} ${other.url}`;
  const unknown = await place.run(["cache", "verify", ...setup, "--sumdb", sumdb]);
  assert.equal(unknown.exitCode, 1, unknown.stderr);
  assert.match(unknown.stdout, /^unknown gen\.example\/m2@v1\.0\.0 \(\.mod\): /m);
  assert.match(unknown.stdout, /3 versions verified, .*; 0 files changed, 2 not proved/);
  const wrong = `${whole.key} http://127.0.0.1:${await deadPort()}`;
  const unreachable = await place.run(["cache", "verify", "gen.example/m0", ...setup, "--sumdb", wrong]);
  assert.equal(unreachable.exitCode, 1);
  assert.match(unreachable.stdout, /^unproved gen\.example\/m0@v1\.0\.0 \(\.zip\): /m);
});
