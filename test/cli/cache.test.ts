import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { checkGolden } from "../testkit/golden.ts";
import { cli, transcript } from "../testkit/run-cli.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

test("modgate cache fills, shows, keeps, empties, exports and imports a cache", async () => {
  const tree = await smallGraph();
  await using upstream = await UpstreamServer.start({ tree });
  await using place = await cli();
  await writeFile(join(place.folder, "go.sum"), tree.goSum(["example.com/a@v1.2.0", "example.com/b@v1.1.0"]));
  await writeFile(join(place.folder, "broken.sum"), `${tree.goSum(["example.com/a@v1.2.0"])}example.com/b v1.1.0\n`);
  const missing = "example.com/nowhere v1.0.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
  await writeFile(join(place.folder, "missing.sum"), missing);
  const here = ["--data", "data"];
  const source = ["--upstream", upstream.url, "--sumdb", "off"];

  const pages: string[] = [];
  for (const args of [
    ["cache", "list", ...here],
    ["cache", "prefetch", "go.sum", ...here, ...source],
    ["cache", "prefetch", "go.sum", "missing.sum", ...here, ...source],
    ["cache", "prefetch", "broken.sum", ...here, ...source],
    ["cache", "prefetch", "nowhere.sum", ...here, ...source],
    ["cache", "stats", ...here],
    ["cache", "list", "example.com/a", "--json", ...here],
    ["cache", "pin", "go.sum", ...here],
    ["cache", "list", ...here],
    ["cache", "prune", "--to", "0B", ...here],
    ["cache", "export", "cache.tar", "--pattern", "example.com/a", ...here],
    ["cache", "unpin", "go.sum", ...here],
    ["cache", "prune", "--pattern", "example.com/*", "--dry-run", ...here],
    ["cache", "prune", "--pattern", "example.com/*", ...here],
    ["cache", "import", "cache.tar", ...here, "--sumdb", "off"],
    ["cache", "import", "cache.tar", ...here, "--sumdb", "off"],
    ["cache", "import", "go.sum", ...here, "--sumdb", "off"],
    ["cache", "export", "no/such/folder.tar", ...here],
    ["cache", "list", ...here],
  ]) {
    const result = await place.run(args);
    pages.push(transcript(result, { FOLDER: place.folder, UPSTREAM: upstream.url }));
  }
  const page = pages.join("\n").replace(/"(lastUsed|storedAt)Ms": \d+/g, '"$1Ms": {TIME}');
  const timeless = page.replace(/\b(?:\d+m )?\d+(?:\.\d)? ?m?s ago/g, "{TIME} ago");
  // Files that came in one moment go in any order.
  const sorted = timeless.replace(/(?:^example\.com\/\S+\/@v\/\S+ {2}\d+ B\n)+/gm, (lines) =>
    lines.trimEnd().split("\n").sort().concat("").join("\n"),
  );
  await checkGolden("cli/cache.txt", sorted);
});

test("modgate cache export - writes the tar, and nothing else, on standard output", async () => {
  const tree = await smallGraph();
  await using upstream = await UpstreamServer.start({ tree });
  await using place = await cli();
  await writeFile(join(place.folder, "go.sum"), tree.goSum(["example.com/c@v0.0.0-20240101000000-abcdefabcdef"]));
  const here = ["--data", "data"];
  await place.run(["cache", "prefetch", "go.sum", "--upstream", upstream.url, "--sumdb", "off", ...here]);
  const { stdout, stderr, exitCode } = await place.run(["cache", "export", "-", ...here]);
  assert.deepEqual([exitCode, stderr], [0, ""]);
  assert.match(stdout, /^example\.com\/c\/@v\/v0\.0\.0-20240101000000-abcdefabcdef\./);
});

test("modgate cache import takes in a developer's module cache and leaves go's bookkeeping out", async () => {
  const tree = await smallGraph();
  const { info } = tree.get("example.com/b", "v1.0.0");
  await using place = await cli();
  const folder = join(place.folder, "download/example.com/b/@v");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "v1.0.0.info"), info);
  await writeFile(join(folder, "v1.0.0.lock"), "");
  await writeFile(join(folder, "v1.0.0.ziphash"), "h1:x");
  await writeFile(join(folder, "notes.txt"), "x");
  const tar = spawnSync("tar", ["-C", join(place.folder, "download"), "-cf", join(place.folder, "mod.tar"), "."]);
  assert.equal(tar.status, 0);
  const other = await place.run(["cache", "import", "mod.tar", "--data", "data"]);
  assert.equal(other.exitCode, 1);
  assert.match(
    other.stdout,
    /^refused .*notes\.txt: .*\n50 B read: 1 file taken in, 0 were here, 1 refused\n2 files of go's own bookkeeping left out\n$/,
  );
});
