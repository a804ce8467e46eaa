import assert from "node:assert/strict";
import { test } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph, smallGraphMain } from "../testkit/small-graph.ts";
import { tempDir } from "../testkit/temp-dir.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const tree = await smallGraph();

test("go builds, lists and gets through an offline gateway from what a build online has left in its cache", async () => {
  await using data = await tempDir("offline");
  await using upstream = await UpstreamServer.start({ tree });
  await using go = await goCommand();
  const main = smallGraphMain(tree);
  {
    await using online = await ModgateProcess.start({ upstream: upstream.url, data: data.path });
    for (const args of [
      ["build", "-o", "/dev/null", "./..."],
      ["mod", "download"],
      ["list", "-m", "-u", "all"],
    ]) {
      const result = await go.run(args, { cwd: await go.project(main), env: { GOPROXY: online.url } });
      assert.equal(result.exitCode, 0, result.stderr);
    }
    assert.equal(await online.stop(), 0);
  }
  await go.coldCache();
  upstream.requests.length = 0;
  await using offline = await ModgateProcess.start({
    upstream: upstream.url,
    data: data.path,
    args: ["--network", "offline"],
  });
  const run = async (args: readonly string[], project: Parameters<typeof go.project>[0] = main): Promise<string> => {
    const result = await go.run(args, { cwd: await go.project(project), env: { GOPROXY: offline.url } });
    assert.equal(result.exitCode, 0, `go ${args.join(" ")}: ${result.stderr}`);
    return result.stdout;
  };
  await run(["mod", "download"]);
  await run(["build", "-o", "/dev/null", "./..."]);
  // The update check online left .info and .mod of v1.3.0, but nobody had its zip.
  assert.equal(await run(["list", "-m", "-versions", "example.com/a"]), "example.com/a v1.2.0\n");
  const empty = { goMod: "module example.com/main\n\ngo 1.21\n" };
  await run(["get", "example.com/a@latest"], empty);
  assert.match(await run(["list", "-m", "-u", "all"]), /example\.com\/a v1\.2\.0\n/);
  const missing = await go.run(["mod", "download", "example.com/retr@v1.0.0"], { env: { GOPROXY: offline.url } });
  assert.equal(missing.exitCode, 1);
  assert.match(missing.stderr, /404 Not Found\n\tserver response:\n\tmodgate: absent: .*network: offline/);
  assert.equal(upstream.requests.length, 0, "offline asks nobody");
});

test("go is told what the cache has, and no more, below /cached-only", async () => {
  await using upstream = await UpstreamServer.start({ tree });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url });
  await using go = await goCommand({ GOPROXY: `${modgate.url}/cached-only` });
  const download = ["mod", "download", "example.com/a@v1.0.0"];
  const before = await go.run(download);
  assert.match(before.stderr, /404 Not Found\n\tserver response:\n\tmodgate: absent: .*asked for the cache alone/);
  assert.equal(upstream.requests.length, 0);
  for (const kind of ["info", "mod", "zip"]) await httpGet(modgate.url, `/example.com/a/@v/v1.0.0.${kind}`);
  const after = await go.run(download);
  assert.equal(after.exitCode, 0, after.stderr);
  assert.equal(upstream.requests.length, 3);
});
