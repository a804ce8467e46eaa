import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { binFolder, cli } from "../testkit/run-cli.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

test("modgate serve on a terminal logs one short line for a request", async (t) => {
  // BSD's script takes other arguments.
  if (!spawnSync("script", ["--version"]).stdout?.includes("util-linux")) return t.skip("there is no script command");
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  await using place = await cli();
  const line = `exec ${binFolder}/modgate serve --listen 127.0.0.1:0 --data data --sumdb off --upstream ${upstream.url}`;
  const child = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
    cwd: place.folder,
    env: { PATH: process.env["PATH"], HOME: place.folder, TERM: "xterm", NO_COLOR: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  const printed = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(output);
      if (found) return found;
      const [chunk] = await once(child.stdout, "data", { signal: AbortSignal.timeout(30_000) });
      output += String(chunk);
    }
  };
  try {
    const url = (await printed(/^export GOPROXY=(\S+)\r$/m))[1] ?? "";
    assert.match(
      output,
      /^modgate \d+\.\d+\.\d+: modules from 127\.0\.0\.1:\d+, data in \S+; Ctrl-C drains and ends\r$/m,
    );
    await httpGet(url, "/example.com/a/@v/v1.2.0.info");
    await printed(/^\d\d:\d\d:\d\d ok {10}200 miss +[\d.]+ ms {2}\/example\.com\/a\/@v\/v1\.2\.0\.info\r$/m);
    await httpGet(url, "/example.com/no/@v/v1.2.0.info");
    await printed(/^ {9}MODULE_ABSENT: example\.com\/no@v1\.2\.0 \(\.info\) does not exist: .*\r$/m);
  } finally {
    // Ctrl-C of the terminal.
    child.stdin.write("\u0003");
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
  }
});

test("modgate serve in a pipe prints the line to paste on standard output and JSON lines on standard error", async () => {
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  await using modgate = await ModgateProcess.start({ upstream: upstream.url });
  await httpGet(modgate.url, "/example.com/a/@v/v1.2.0.info");
  await modgate.stop();
  assert.equal(modgate.stdout, `export GOPROXY=${modgate.url}\n`);
  const lines = modgate.stderr.trimEnd().split("\n");
  assert.partialDeepStrictEqual(
    lines.map((line) => JSON.parse(line) as unknown),
    [{ level: "info", verdict: "ok", module: "example.com/a", version: "v1.2.0", endpoint: "info" }],
  );
});
