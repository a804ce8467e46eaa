import assert from "node:assert/strict";
import { test } from "node:test";
import { goCommand } from "../testkit/go-command.ts";
import { httpGet } from "../testkit/http-get.ts";
import { ModgateProcess } from "../testkit/modgate-process.ts";
import { smallGraph } from "../testkit/small-graph.ts";
import { deadPort } from "../testkit/dead-port.ts";
import { UpstreamServer } from "../testkit/upstream-server.ts";

const importsSub = 'package main\n\nimport "example.com/mono/sub"\n\nfunc main() { println(sub.Name()) }\n';
const empty = { goMod: "module example.com/main\n\ngo 1.21\n" };
const commands = [
  { args: ["install", "example.com/mono/cmd/hello@latest"], project: empty },
  { args: ["install", "example.com/mono/cmd/hello@v1.0.0"], project: empty },
  { args: ["get", "example.com/mono/sub"], project: empty },
  { args: ["mod", "tidy"], project: { ...empty, files: { "main.go": importsSub } } },
];

test("go finds a package below a module through P1,direct, direct out of reach, as it does without modgate", async () => {
  await using upstream = await UpstreamServer.start({ tree: await smallGraph() });
  // Loopback is asked straight, everything else through a proxy that is not there.
  const proxy = `http://127.0.0.1:${await deadPort()}`;
  const env = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy };
  await using go = await goCommand(env);
  await using modgate = await ModgateProcess.start({ upstream: `${upstream.url},direct`, env });
  for (const { args, project } of commands) {
    const ran: string[] = [];
    for (const GOPROXY of [`${upstream.url},direct`, modgate.url]) {
      await go.coldCache();
      const { exitCode, stderr } = await go.run(args, { cwd: await go.project(project), env: { GOPROXY } });
      assert.equal(exitCode, 0, `${GOPROXY}: go ${args.join(" ")}: ${stderr}`);
      ran.push(stderr.replace(/^go: downloading .*\n/gm, ""));
    }
    assert.equal(ran[0], ran[1], "and says the same");
  }

  const unknown = await httpGet(modgate.url, "/example.com/nowhere/sub/@v/list");
  assert.equal(unknown.status, 502, "where P1 has no prefix, direct is asked");
  assert.match(unknown.body.toString(), /unreachable: .*"direct".*\n {2}.*404.*\n {2}direct: /s);
});
